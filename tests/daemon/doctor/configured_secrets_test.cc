#include "daemon/doctor/configured_secrets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace signinwatch::doctor {
namespace configured_secrets_test {

using testing::HasSubstr;
using testing::IsEmpty;
using Kind = SecretState::Kind;

TEST(ConfiguredSecrets, AreGoodBadOrNotForThisUser) {
  config::ServeConfig serve;
  EXPECT_THAT(LookAtSecrets(serve), IsEmpty());
  const std::string path = testing::TempDir() + "/signinwatch_hook.key";
  std::ofstream(path) << "k\n";
  ::setenv("SIGNINWATCH_TEST_HUB", "SharedAccessSignature sr=x&sig=S3CRET", 1);
  serve.kafka.cluster.brokers = "x.servicebus.windows.net:9093";
  serve.kafka.cluster.connection_string = {config::SecretRef::From::kEnvironment,
                                           "SIGNINWATCH_TEST_HUB"};
  serve.sinks.resize(2);
  serve.sinks[0].name = "soc";
  serve.sinks[0].type = serve.sinks[1].type = "webhook";
  serve.sinks[0].settings["secret"] = config::SecretRef{config::SecretRef::From::kFile, path};
  serve.sinks[0].settings["authorization"] =
      config::SecretRef{config::SecretRef::From::kFile, path + ".missing"};
  serve.sinks[1].name = "other";
  serve.sinks[1].settings["secret"] =
      config::SecretRef{config::SecretRef::From::kEnvironment, "SIGNINWATCH_TEST_NOT_SET"};
  const std::vector<SecretState> states = LookAtSecrets(serve);
  ASSERT_EQ(states.size(), 4u);
  EXPECT_EQ(states[0].key, "kafka.connection_string");
  EXPECT_EQ(states[0].kind, Kind::kFault);
  EXPECT_THAT(states[0].text, HasSubstr("SAS token"));
  EXPECT_THAT(states[0].text, testing::Not(HasSubstr("S3CRET")));
  EXPECT_EQ(states[1].key, "sink soc.secret");
  EXPECT_EQ(states[1].kind, Kind::kGood);
  EXPECT_EQ(states[2].kind, Kind::kUnread);
  EXPECT_EQ(states[3].kind, Kind::kUnread);
  EXPECT_THAT(states[3].text, HasSubstr("SIGNINWATCH_TEST_NOT_SET: not set"));
}

}  // namespace configured_secrets_test
}  // namespace signinwatch::doctor
