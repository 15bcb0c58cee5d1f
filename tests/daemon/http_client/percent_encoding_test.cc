#include "daemon/http_client/percent_encoding.h"

#include <gtest/gtest.h>

#include <string>

namespace signinwatch::http_client {
namespace percent_encoding_test {

TEST(PercentEncoding, KeepsWhatIsUnreservedAndNothingElse) {
  std::string form;
  AppendFormField("a", "AZaz09-._~", &form);
  AppendFormField("b", "&=+% /\xc3\xbc\n", &form);
  AppendFormField("c", "", &form);
  EXPECT_EQ(form, "a=AZaz09-._~&b=%26%3D%2B%25%20%2F%C3%BC%0A&c=");
}

}  // namespace percent_encoding_test
}  // namespace signinwatch::http_client
