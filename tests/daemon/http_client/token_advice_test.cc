#include "daemon/http_client/token_advice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace signinwatch::http_client {
namespace token_advice_test {

TEST(TokenAdvice, SaysWhatToDo) {
  const struct {
    const char* code;
    const char* part;
  } cases[] = {
      {"AADSTS7000215", "the secret's value, not its id"},
      {"AADSTS7000222", "has expired"},
      {"AADSTS700027", "upload client_certificate"},
      {"AADSTS70021", "system:serviceaccount:"},
      {"AADSTS700213", "system:serviceaccount:"},
      {"AADSTS700024", "clock is wrong"},
      {"AADSTS700016", "check client_id"},
      {"AADSTS90002", "check tenant_id"},
      {"AADSTS500011", "/.default"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(std::string(TokenAdvice(c.code)), testing::HasSubstr(c.part)) << c.code;
  }
  EXPECT_EQ(TokenAdvice("AADSTS1"), "");
  EXPECT_EQ(TokenAdvice(""), "");
}

}  // namespace token_advice_test
}  // namespace signinwatch::http_client
