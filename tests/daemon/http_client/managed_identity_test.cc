#include "daemon/http_client/managed_identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace signinwatch::http_client {
namespace managed_identity_test {

using testing::Contains;
using testing::Pair;

TEST(ManagedIdentity, AsksAsTheMetadataServiceWantsIt) {
  config::KafkaCluster cluster;
  cluster.scope = "https://ns.servicebus.windows.net/.default";
  HttpCall request = MakeMetadataRequest(cluster);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.url,
            "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01"
            "&resource=https%3A%2F%2Fns.servicebus.windows.net");
  EXPECT_THAT(request.headers, Contains(Pair("Metadata", "true")));
  EXPECT_TRUE(request.direct);
  EXPECT_EQ(request.body, "");

  cluster.client_id = "a b";
  cluster.scope = "api://x";
  cluster.token_endpoint = "http://127.0.0.1:7/token?y=z";
  request = MakeMetadataRequest(cluster);
  EXPECT_EQ(request.url,
            "http://127.0.0.1:7/token?y=z&api-version=2018-02-01&resource=api%3A%2F%2Fx"
            "&client_id=a%20b");
}

TEST(ManagedIdentity, KnowsWhichAnswersPass) {
  for (const int status : {404, 410, 429, 500, 503}) EXPECT_TRUE(IsPassing(status)) << status;
  for (const int status : {400, 401, 403, 405}) EXPECT_FALSE(IsPassing(status)) << status;
  EXPECT_THAT(std::string(MetadataAdvice(410)), testing::HasSubstr("70 s"));
  EXPECT_THAT(std::string(MetadataAdvice(429)), testing::HasSubstr("too often"));
  EXPECT_THAT(std::string(MetadataAdvice(400)), testing::HasSubstr("assign an identity"));
}

}  // namespace managed_identity_test
}  // namespace signinwatch::http_client
