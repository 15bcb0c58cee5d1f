#include "daemon/doctor/connection_string.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace signinwatch::doctor {
namespace connection_string_test {

using testing::HasSubstr;
using testing::Not;

TEST(ConnectionString, FaultsAreNamedWithoutTheSecret) {
  const std::string host = "Endpoint=sb://Contoso.servicebus.windows.net/;";
  const std::string key = "SharedAccessKeyName=reader;SharedAccessKey=S3CRET=";
  const struct {
    std::string text;
    const char* part;  // empty: no fault
  } cases[] = {
      {host + key, ""},
      {host + key + ";EntityPath=SignIns", ""},
      {"endpoint=sb://contoso.servicebus.windows.net:9093/;" + key + ";", ""},
      {host + key + ";EntityPath=audit",
       "for the hub 'audit' alone (EntityPath), and 'signins' is another"},
      {"Endpoint=sb://fabrikam.servicebus.windows.net/;" + key,
       "is for 'fabrikam.servicebus.windows.net' and brokers names "
       "'contoso.servicebus.windows.net'"},
      {host + "SharedAccessKeyName=reader", "has no SharedAccessKey:"},
      {host + "SharedAccessKey=S3CRET", "has no SharedAccessKeyName"},
      {key, "has no Endpoint"},
      {"S3CRET", "has no Endpoint"},
      {host + "SharedAccessSignature=S3CRET", "shared access signature"},
      {"SharedAccessSignature "
       "sr=https%3a%2f%2fcontoso.servicebus.windows.net&sig=S3CRET&se=1&skn=r",
       "this is a SAS token"},
      {"", "has no Endpoint"},
  };
  for (const auto& c : cases) {
    const std::string fault =
        ConnectionStringFault(c.text, "contoso.servicebus.windows.net:9093", {"signins"});
    EXPECT_THAT(fault, HasSubstr(c.part)) << c.text;
    EXPECT_EQ(fault.empty(), std::string(c.part).empty()) << fault;
    EXPECT_THAT(fault, Not(HasSubstr("S3CRET")));
  }
  // Of another broker than Event Hubs the host is its own affair.
  EXPECT_EQ(ConnectionStringFault(host + key, "localhost:9093", {"signins"}), "");
}

}  // namespace connection_string_test
}  // namespace signinwatch::doctor
