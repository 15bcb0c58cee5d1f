#include "daemon/http_client/token_answer.h"

#include <gtest/gtest.h>

#include <string>

namespace signinwatch::http_client {
namespace token_answer_test {

TEST(TokenAnswer, IsReadLeniently) {
  const struct {
    const char* json;
    const char* token;
    int expires_in;
    const char* error;
    const char* code;
  } cases[] = {
      {R"({"token_type":"Bearer","expires_in":3599,"access_token":"ey.J0-_"})", "ey.J0-_", 3599, "",
       ""},
      {R"({"access_token":"a\/b","expires_in":"3599","ext":[{"access_token":"no"}]})", "a/b", 3599,
       "", ""},
      {R"({"access_token":"a"})", "a", 0, "", ""},
      {R"({"access_token":"a","expires_in":-5})", "a", 0, "", ""},
      {R"({"access_token":"a","expires_in":1e3})", "a", 0, "", ""},
      {R"({"access_token":"a","expires_in":99999999999})", "a", 0, "", ""},
      {R"({"access_token":17,"expires_in":null})", "", 0, "", ""},
      {R"({"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret."})",
       "", 0, "invalid_client", "AADSTS7000215"},
      {R"({"error":"invalid_scope","error_description":"no code"})", "", 0, "invalid_scope", ""},
      {R"({"error":"Read <this>"})", "", 0, "an error without a plain name", ""},
      {R"({"error":""})", "", 0, "", ""},
      {R"({"access_token":"a")", "", 0, "", ""},
      {R"({"access_token":"a"} x)", "", 0, "", ""},
      {R"(["access_token","a"])", "", 0, "", ""},
      {"<html>busy</html>", "", 0, "", ""},
      {"\"access_token\"", "", 0, "", ""},
      {"", "", 0, "", ""},
  };
  for (const auto& c : cases) {
    const TokenAnswer answer = ParseTokenAnswer(c.json);
    EXPECT_EQ(answer.access_token, c.token) << c.json;
    EXPECT_EQ(answer.expires_in.count(), c.expires_in) << c.json;
    EXPECT_EQ(answer.error, c.error) << c.json;
    EXPECT_EQ(answer.code, c.code) << c.json;
  }
}

// As the metadata service of Azure's machines writes it.
TEST(TokenAnswer, HasTheTimeOfExpiry) {
  const struct {
    const char* json;
    int64_t expires_on;  // 0: none
  } cases[] = {
      {R"({"access_token":"a","expires_in":"86399","expires_on":"1700000000"})", 1'700'000'000},
      {R"({"access_token":"a","expires_on":1700000000})", 1'700'000'000},
      {R"({"access_token":"a","expires_on":"11/05/2026 6:11:00 AM +00:00"})", 0},
      {R"({"access_token":"a","expires_on":"0"})", 0},
      {R"({"access_token":"a","expires_on":"99999999999"})", 0},
      {R"({"access_token":"a"})", 0},
  };
  for (const auto& c : cases) {
    const auto expires_on = ParseTokenAnswer(c.json).expires_on;
    EXPECT_EQ(expires_on ? expires_on->time_since_epoch().count() : 0, c.expires_on) << c.json;
  }
}

TEST(TokenAnswer, BoundsWhatItPassesOn) {
  const std::string digits(1'000, '7');
  const TokenAnswer answer = ParseTokenAnswer(R"({"error":")" + std::string(65, 'x') +
                                              R"(","error_description":"AADSTS)" + digits + "\"}");
  EXPECT_EQ(answer.error, "an error without a plain name");
  EXPECT_EQ(answer.code, "AADSTS" + digits.substr(0, 14));
  EXPECT_EQ(ParseTokenAnswer(std::string(10'000, '[')).access_token, "");
  EXPECT_EQ(ParseTokenAnswer("{\"a\":" + std::string(10'000, '[')).access_token, "");
}

}  // namespace token_answer_test
}  // namespace signinwatch::http_client
