#include "daemon/http/host_names.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace signinwatch::http {
namespace host_names_test {

config::HttpConfig Config() {
  config::HttpConfig config;
  config.hosts = {"signinwatch.monitoring.svc", "soc"};
  config.external_url = "https://Signinwatch.Contoso.example:8443/watch";
  return config;
}

TEST(HostNamesTest, KnowsAddressesLocalhostAndWhatIsConfigured) {
  const HostNames names(Config());
  for (const char* host :
       {"localhost", "LocalHost:80", "localhost:", "localhost.", "127.0.0.1", "127.0.0.1:9532",
        "203.0.113.7", "[::1]", "[::1]:9532", "[2001:DB8::7]:1", "signinwatch.monitoring.svc",
        "SOC:9532", "signinwatch.contoso.example", "signinwatch.contoso.example:1"}) {
    EXPECT_TRUE(names.Knows(host)) << host;
  }
  for (const char* host :
       {"", ":9532", ".", "evil.example", "localhost.evil.example", "localhost:9532.evil.example",
        "127.0.0.1.evil.example", "::1", "[::1", "[evil]", "[]", "localhost:80@evil.example",
        "evil.example#localhost", "127.1", "0x7f.0.0.1", "soc.evil.example", "contoso.example",
        "localhost ", "localhost,evil.example"}) {
    EXPECT_FALSE(names.Knows(host)) << host;
  }
  EXPECT_FALSE(HostNames({}).Knows("soc"));
}

int StatusOf(std::vector<std::string> hosts, bool authenticated, bool needs_host = true) {
  HttpRequest request;
  request.hosts = std::move(hosts);
  request.authenticated = authenticated;
  request.needs_host = needs_host;
  const auto refusal = HostNames(Config()).Refusal(request);
  return refusal ? refusal->status : 0;
}

// A page of evil.example whose name was pointed at this server reads nothing.
TEST(HostNamesTest, StrangersNamesAreRefusedUnlessEverybodyLogsIn) {
  EXPECT_EQ(StatusOf({"evil.example"}, false), 421);
  EXPECT_EQ(StatusOf({"evil.example"}, true), 0);
  EXPECT_EQ(StatusOf({"soc"}, false), 0);
  EXPECT_EQ(StatusOf({""}, false), 421);
}

TEST(HostNamesTest, OneHostJustAsHttpHasIt) {
  EXPECT_EQ(StatusOf({}, false), 400);
  EXPECT_EQ(StatusOf({}, true), 400);
  EXPECT_EQ(StatusOf({}, false, false), 0) << "HTTP/1.0, which no browser speaks";
  EXPECT_EQ(StatusOf({"localhost", "evil.example"}, false), 400);
  EXPECT_EQ(StatusOf({"localhost", "localhost"}, true), 400);
}

}  // namespace host_names_test
}  // namespace signinwatch::http
