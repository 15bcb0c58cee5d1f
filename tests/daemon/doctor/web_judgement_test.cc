#include "daemon/doctor/web_judgement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/daemon/temporary_folder.h"

namespace signinwatch::doctor {
namespace web_judgement_test {

using testing::HasSubstr;

struct Case {
  const char* listen;
  const char* web_config;  // nullptr: none
  Verdict verdict;
  const char* text;
};

TEST(JudgeWebTest, WhoCouldReadAndWhetherTheFileWouldBeTaken) {
  const std::string user =
      "basic_auth_users: {a: $2y$04$IMu9.5cUBT6pqvUBQqBsteYUTDwjTRZ6gDtCiuV7QaIwrF9.SgP3G}";
  const Case cases[] = {
      {"127.0.0.1:9532", nullptr, Verdict::kOk, "this machine alone"},
      {"[::1]:9532", nullptr, Verdict::kOk, "this machine alone"},
      {"0.0.0.0:9532", nullptr, Verdict::kWarn,
       "anybody who can reach 0.0.0.0:9532 can read all tickets"},
      {"0.0.0.0:9532", user.c_str(), Verdict::kOk, "can be used"},
      {"0.0.0.0:9532", "http_server_config: {http2: true}", Verdict::kWarn,
       "anybody who can reach"},
      {"127.0.0.1:9532", "rate_limit: {interval: 1s}", Verdict::kWarn, "no burst"},
      {"127.0.0.1:9532", "tls_server_config: {cert_file: x, key_file: y}", Verdict::kFail,
       "x: No such file"},
      {"127.0.0.1:9532", "users: {}", Verdict::kFail, "web.yaml:1:1: unknown key"},
  };
  const TemporaryFolder folder;
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    config::HttpConfig http;
    http.listen = c.listen;
    if (c.web_config != nullptr) http.web_config_file = folder.Write("web.yaml", c.web_config);
    const auto findings = JudgeWeb(http);
    ASSERT_EQ(findings.size(), 1u);
    EXPECT_EQ(findings[0].verdict, c.verdict);
    EXPECT_THAT(findings[0].text, HasSubstr(c.text));
  }
}

}  // namespace web_judgement_test
}  // namespace signinwatch::doctor
