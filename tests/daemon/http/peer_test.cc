#include "daemon/http/peer.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <string>

namespace signinwatch::http {
namespace peer_test {

Peer Of(const std::string& address) { return PeerOf(boost::asio::ip::make_address(address)); }

TEST(PeerTest, IsCountedByAddressOrByNetwork) {
  EXPECT_EQ(Of("203.0.113.7").address, "203.0.113.7");
  EXPECT_EQ(Of("203.0.113.7").network, "203.0.113.7");
  EXPECT_EQ(Of("2001:db8:1:2:3:4:5:6").address, "2001:db8:1:2:3:4:5:6");
  EXPECT_EQ(Of("2001:db8:1:2:3:4:5:6").network, Of("2001:db8:1:2::1").network);
  EXPECT_NE(Of("2001:db8:1:2::1").network, Of("2001:db8:1:3::1").network);
  EXPECT_EQ(Of("fe80::1%1").address, "fe80::1");
  // As a socket for both families has it.
  EXPECT_EQ(Of("::ffff:203.0.113.7").network, "203.0.113.7");
  boost::asio::io_context io;
  EXPECT_EQ(PeerOf(boost::asio::ip::tcp::socket(io)).network, "unknown");
}

}  // namespace peer_test
}  // namespace signinwatch::http
