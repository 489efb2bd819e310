package workflows

import "go.temporal.io/sdk/client"

// Connection is how Temporal is reached, by whoever makes a client. What is sent are ids, step names and moments, a few hundred bytes: compressing
// them, as the SDK does unless told otherwise, costs more on either side than it saves between them.
func Connection() client.ConnectionOptions {
	return client.ConnectionOptions{GrpcCompression: &client.GrpcCompressionNone{}}
}
