#include "daemon/http/peer.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <string>

namespace signinwatch {
namespace {

Peer Of(const std::string& address) {
  sockaddr_storage storage{};
  auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
  if (::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) {
    storage.ss_family = AF_INET;
  } else if (::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1) {
    storage.ss_family = AF_INET6;
  }
  return PeerOf(storage);
}

TEST(PeerTest, IsCountedByAddressOrByNetwork) {
  EXPECT_EQ(Of("203.0.113.7").address, "203.0.113.7");
  EXPECT_EQ(Of("203.0.113.7").network, "203.0.113.7");
  EXPECT_EQ(Of("2001:db8:1:2:3:4:5:6").address, "2001:db8:1:2:3:4:5:6");
  EXPECT_EQ(Of("2001:db8:1:2:3:4:5:6").network, Of("2001:db8:1:2::1").network);
  EXPECT_NE(Of("2001:db8:1:2::1").network, Of("2001:db8:1:3::1").network);
  // As a socket for both families has it.
  EXPECT_EQ(Of("::ffff:203.0.113.7").network, "203.0.113.7");
  EXPECT_EQ(Of("nonsense").network, "unknown");
}

}  // namespace
}  // namespace signinwatch
