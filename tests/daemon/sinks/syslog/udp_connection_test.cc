#include "daemon/sinks/syslog/udp_connection.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>

namespace signinwatch::sinks {
namespace udp_connection_test {

using std::chrono::seconds;

TEST(UdpConnection, SendsADatagramEachAndNoticesThatNobodyIsThere) {
  const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  const timeval patience{5, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));

  UdpConnection connection("127.0.0.1:" + std::to_string(ntohs(address.sin_port)));
  EXPECT_FALSE(connection.IsOpen());
  ASSERT_TRUE(connection.Open(seconds(1)).ok());
  EXPECT_TRUE(connection.Send("one", seconds(1)).ok());
  EXPECT_TRUE(connection.Send("two", seconds(1)).ok());
  char block[100];
  EXPECT_EQ(std::string(block, static_cast<size_t>(::recv(fd, block, sizeof(block), 0))), "one");
  EXPECT_EQ(std::string(block, static_cast<size_t>(::recv(fd, block, sizeof(block), 0))), "two");
  EXPECT_TRUE(connection.IsOpen());

  ::close(fd);
  EXPECT_TRUE(connection.Send("three", seconds(1)).ok());
  EXPECT_FALSE(connection.IsOpen());
  ASSERT_TRUE(connection.Open(seconds(1)).ok());
  EXPECT_TRUE(connection.Send("four", seconds(1)).ok());
  EXPECT_TRUE(absl::IsAborted(connection.Send("five", seconds(1))));

  connection.Cancel();
  EXPECT_TRUE(absl::IsCancelled(connection.Open(seconds(1))));
}

TEST(UdpConnection, SaysThatThereIsNoSuchHost) {
  UdpConnection connection("no-such-host.invalid:514");
  EXPECT_TRUE(absl::IsUnavailable(connection.Open(seconds(1))));
}

}  // namespace udp_connection_test
}  // namespace signinwatch::sinks
