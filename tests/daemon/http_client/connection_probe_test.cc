#include "daemon/http_client/connection_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/daemon/http_client/web_server.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::http_client {
namespace connection_probe_test {

using testing::HasSubstr;
using Reached = ConnectionFacts::Reached;

std::string AddressOf(int port) { return "127.0.0.1:" + std::to_string(port); }

TEST(ConnectionProbe, TellsHowFarItGot) {
  // The name .invalid is never given out (RFC 6761).
  const ConnectionFacts nameless =
      ProbeConnection({.address = "host.invalid:9093", .direct = true});
  EXPECT_EQ(nameless.reached, Reached::kNothing);
  EXPECT_THAT(nameless.error, HasSubstr("host.invalid"));

  const ConnectionFacts closed = ProbeConnection({.address = "127.0.0.1:1"});
  EXPECT_EQ(closed.reached, Reached::kName);
  EXPECT_NE(closed.error, "");

  int requests = 0;
  const WebServer server([&](const httplib::Request&, httplib::Response&) { ++requests; });
  const ConnectionFacts open = ProbeConnection({.address = AddressOf(server.port())});
  EXPECT_EQ(open.reached, Reached::kPeer);
  EXPECT_EQ(open.error, "");
  EXPECT_EQ(open.ip, "127.0.0.1");
  EXPECT_EQ(requests, 0);

  // No TLS there.
  const ConnectionFacts plain = ProbeConnection({.address = AddressOf(server.port()), .tls = true});
  EXPECT_EQ(plain.reached, Reached::kPeer);
  EXPECT_NE(plain.error, "");
  EXPECT_EQ(ProbeConnection({.address = "not an address"}).reached, Reached::kNothing);
}

TEST(ConnectionProbe, LooksAtTheCertificate) {
  const TemporaryFolder folder;
  const CertificateAuthority authority;
  const Certificate certificate = authority.IssueForLoopback();
  const std::string ca = folder.Write("ca.pem", authority.Pem());
  const WebServer server([](const httplib::Request&, httplib::Response&) {}, &certificate);

  const ConnectionFacts good =
      ProbeConnection({.address = AddressOf(server.port()), .tls = true, .ca_file = ca});
  EXPECT_EQ(good.reached, Reached::kTls) << good.error;
  ASSERT_TRUE(good.expiry.has_value());
  const auto left = *good.expiry - std::chrono::system_clock::now();
  EXPECT_LE(left, std::chrono::hours(24));
  EXPECT_GT(left, std::chrono::hours(23));

  const ConnectionFacts unknown =
      ProbeConnection({.address = AddressOf(server.port()), .tls = true});
  EXPECT_EQ(unknown.reached, Reached::kPeer);
  EXPECT_THAT(unknown.error, HasSubstr("certificate"));
  EXPECT_EQ(unknown.tls_fault, ConnectionFacts::TlsFault::kUntrusted);
  const ConnectionFacts misnamed = ProbeConnection(
      {.address = "localhost:" + std::to_string(server.port()), .tls = true, .ca_file = ca});
  EXPECT_EQ(misnamed.reached, Reached::kPeer);
  EXPECT_THAT(misnamed.error, HasSubstr("name"));
  EXPECT_EQ(misnamed.tls_fault, ConnectionFacts::TlsFault::kOtherName);
}

TEST(ConnectionProbe, EndsByItsTimeout) {
  RawServer silent([](int fd) { RawServer::WaitForClose(fd); });
  const ConnectionFacts facts = ProbeConnection(
      {.address = AddressOf(silent.port()), .tls = true, .timeout = std::chrono::milliseconds(50)});
  EXPECT_EQ(facts.reached, Reached::kPeer);
  EXPECT_NE(facts.error, "");
}

TEST(ConnectionProbe, TargetsOfUrls) {
  const struct {
    const char* url;
    const char* address;
    bool tls;
  } cases[] = {
      {"https://h/path?q=1", "h:443", true},        {"http://127.0.0.1", "127.0.0.1:80", false},
      {"https://h:8443", "h:8443", true},           {"https://[::1]/x", "[::1]:443", true},
      {"https://[::1]:8443/x", "[::1]:8443", true}, {"https://h#f", "h:443", true},
  };
  for (const auto& c : cases) {
    const auto target = TargetOfUrl(c.url);
    ASSERT_TRUE(target.has_value()) << c.url;
    EXPECT_EQ(target->address, c.address);
    EXPECT_EQ(target->tls, c.tls);
  }
  EXPECT_FALSE(TargetOfUrl("ftp://h/").has_value());
}

}  // namespace connection_probe_test
}  // namespace signinwatch::http_client
