# One image for everything that docker-compose.yml starts: `crmflow` (server, worker, migrate) and `crmflow-temporal`.
FROM node:22-bookworm-slim AS page
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY openapi.json ../
COPY web .
RUN npm run build

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY . .
COPY --from=page /src/web/dist web/dist
ARG COMMIT=
RUN scripts/build temporal crmflow

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates tzdata && rm -rf /var/lib/apt/lists/* && useradd --system crmflow && install -d -o crmflow /var/lib/crmflow/files
COPY --from=build /src/bin/crmflow /src/bin/crmflow-temporal /usr/local/bin/
USER crmflow
ENTRYPOINT ["crmflow"]
CMD ["server"]
