#include "daemon/http_client/workload_identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <string>

namespace signinwatch::http_client {
namespace workload_identity_test {

using testing::HasSubstr;

// Sets what azure-workload-identity sets in a pod, and takes it back.
class WorkloadIdentity : public testing::Test {
 protected:
  ~WorkloadIdentity() override {
    for (const char* name : {"AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE",
                             "AZURE_AUTHORITY_HOST"}) {
      ::unsetenv(name);
    }
  }
  static void SetAll() {
    ::setenv("AZURE_CLIENT_ID", "app", 1);
    ::setenv("AZURE_TENANT_ID", "tenant", 1);
    ::setenv("AZURE_FEDERATED_TOKEN_FILE", "/token", 1);
    ::setenv("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com/", 1);
  }
  static std::string ErrorOf(const config::KafkaCluster& cluster) {
    return std::string(WithWorkloadIdentity(cluster).status().message());
  }
};

TEST_F(WorkloadIdentity, TakesWhatIsMissingFromTheEnvironment) {
  SetAll();
  const auto cluster = WithWorkloadIdentity({});
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  EXPECT_EQ(cluster->client_id, "app");
  EXPECT_EQ(cluster->federated_token_file, "/token");
  EXPECT_EQ(cluster->token_endpoint, "https://login.microsoftonline.com/tenant/oauth2/v2.0/token");
}

TEST_F(WorkloadIdentity, WhatIsGivenGoesFirst) {
  SetAll();
  config::KafkaCluster given;
  given.client_id = "mine";
  given.federated_token_file = "/mine";
  given.token_endpoint = "https://h/token";
  const auto cluster = WithWorkloadIdentity(given);
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  EXPECT_EQ(cluster->client_id, "mine");
  EXPECT_EQ(cluster->federated_token_file, "/mine");
  EXPECT_EQ(cluster->token_endpoint, "https://h/token");
}

TEST_F(WorkloadIdentity, SaysWhatIsMissing) {
  EXPECT_THAT(ErrorOf({}), HasSubstr("neither client_id nor the environment variable "
                                     "AZURE_CLIENT_ID is set: label the pod"));
  SetAll();
  ::unsetenv("AZURE_FEDERATED_TOKEN_FILE");
  EXPECT_THAT(ErrorOf({}), HasSubstr("AZURE_FEDERATED_TOKEN_FILE"));
  SetAll();
  ::setenv("AZURE_TENANT_ID", "a/b", 1);
  EXPECT_THAT(ErrorOf({}), HasSubstr("AZURE_TENANT_ID"));
}

TEST_F(WorkloadIdentity, TheAuthorityIsThatOfTheCloud) {
  SetAll();
  ::unsetenv("AZURE_AUTHORITY_HOST");
  config::KafkaCluster cluster;
  cluster.brokers = "a.servicebus.usgovcloudapi.net:9093";
  EXPECT_EQ(WithWorkloadIdentity(cluster)->token_endpoint,
            "https://login.microsoftonline.us/tenant/oauth2/v2.0/token");
  ::setenv("AZURE_AUTHORITY_HOST", "http://login.example.com/", 1);
  EXPECT_THAT(ErrorOf({}), HasSubstr("AZURE_AUTHORITY_HOST can't be used"));
}

}  // namespace workload_identity_test
}  // namespace signinwatch::http_client
