# One image for everything that docker-compose.yml starts: `crmflow` (server, worker, migrate) and `crmflow-temporal`.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY . .
RUN scripts/build temporal crmflow

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates tzdata && rm -rf /var/lib/apt/lists/* && useradd --system crmflow
COPY --from=build /src/bin/crmflow /src/bin/crmflow-temporal /usr/local/bin/
USER crmflow
ENTRYPOINT ["crmflow"]
CMD ["server"]
