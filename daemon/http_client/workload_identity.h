// Kubernetes workload identity: what the configuration leaves out is in environment variables that
// azure-workload-identity sets in labelled pods.
// https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html
#ifndef SIGNINWATCH_DAEMON_HTTP_CLIENT_WORKLOAD_IDENTITY_H_
#define SIGNINWATCH_DAEMON_HTTP_CLIENT_WORKLOAD_IDENTITY_H_

#include "absl/status/statusor.h"
#include "daemon/config/serve_config.h"

namespace signinwatch::http_client {

// The cluster with client_id, token_endpoint and federated_token_file set. kFailedPrecondition: one
// is neither given nor in the environment; the text says what to do.
[[nodiscard]] absl::StatusOr<config::KafkaCluster> WithWorkloadIdentity(
    config::KafkaCluster cluster);

}  // namespace signinwatch::http_client

#endif  // SIGNINWATCH_DAEMON_HTTP_CLIENT_WORKLOAD_IDENTITY_H_
