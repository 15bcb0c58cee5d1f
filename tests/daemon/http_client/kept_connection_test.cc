#include "daemon/http_client/kept_connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <string>
#include <thread>

#include "tests/daemon/http_client/tls_peer.h"
#include "tests/daemon/http_client/web_server.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::http_client {
namespace kept_connection_test {

using std::chrono::seconds;
using testing::HasSubstr;

std::string AddressOf(const RawServer& server) {
  return "127.0.0.1:" + std::to_string(server.port());
}

// Within five seconds.
bool IsClosedSoon(KeptConnection* connection) {
  for (int i = 0; i < 500 && connection->IsOpen(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return !connection->IsOpen();
}

// So many bytes, or what comes before the end.
std::string ReadAll(TlsPeer* peer, size_t size) {
  std::string all;
  while (all.size() < size) {
    const std::string block = peer->Read();
    if (block.empty()) break;
    all += block;
  }
  return all;
}

TEST(KeptConnection, CarriesBytesOverOneConnection) {
  const std::string large(3'000'000, 'x');  // more than the system takes at once
  std::promise<std::string> came;
  const RawServer server([&](int fd) {
    TlsPeer peer(fd);
    peer.Write("hello");  // which nobody listens to
    came.set_value(ReadAll(&peer, 1 + large.size()));
  });
  const auto connection = ConnectByTcp({.address = AddressOf(server)}, clock::SystemClock());
  EXPECT_FALSE(connection->IsOpen());
  ASSERT_TRUE(connection->Open(seconds(5)).ok());
  EXPECT_TRUE(connection->IsOpen());
  EXPECT_TRUE(connection->Send("a", seconds(5)).ok());
  EXPECT_TRUE(connection->Send(large, seconds(20)).ok());
  const std::string bytes = came.get_future().get();
  EXPECT_EQ(bytes.size(), 1 + large.size());
  EXPECT_TRUE(bytes == "a" + large);
}

TEST(KeptConnection, NoticesThatThePeerHasClosed) {
  const CertificateAuthority authority;
  const Certificate certificate = authority.IssueForLoopback();
  const TemporaryFolder folder;
  folder.Write("ca.pem", authority.Pem());
  for (const bool tls : {false, true}) {
    const RawServer server([&](int fd) {
      TlsPeer peer(fd);
      if (tls) peer.StartTls(certificate);
      (void)peer.Read();
    });
    const auto connection =
        ConnectByTcp({.address = AddressOf(server), .tls = tls, .ca_file = folder.Path("ca.pem")},
                     clock::SystemClock());
    for (int i = 0; i < 2; ++i) {
      ASSERT_TRUE(connection->Open(seconds(5)).ok());
      EXPECT_TRUE(connection->IsOpen());
      ASSERT_TRUE(connection->Send("a", seconds(5)).ok());
      EXPECT_TRUE(IsClosedSoon(connection.get()));
      EXPECT_TRUE(absl::IsAborted(connection->Send("a", seconds(5))));
    }
  }
}

TEST(KeptConnection, ChecksTheCertificateForTheAddress) {
  const CertificateAuthority authority;
  const CertificateAuthority other("another");
  const Certificate certificate = authority.IssueForLoopback();
  const TemporaryFolder folder;
  folder.Write("ca.pem", authority.Pem());
  folder.Write("other.pem", other.Pem());
  const RawServer server([&](int fd) {
    TlsPeer peer(fd);
    if (peer.StartTls(certificate)) RawServer::WaitForClose(fd);
  });
  const auto open = [&](const std::string& host, const std::string& ca_file) {
    return ConnectByTcp({.address = host + ":" + std::to_string(server.port()),
                         .tls = true,
                         .ca_file = ca_file},
                        clock::SystemClock())
        ->Open(seconds(5));
  };
  EXPECT_TRUE(open("127.0.0.1", folder.Path("ca.pem")).ok());
  EXPECT_TRUE(absl::IsUnauthenticated(open("127.0.0.1", folder.Path("other.pem"))));
  EXPECT_TRUE(absl::IsUnauthenticated(open("localhost", folder.Path("ca.pem"))));
  EXPECT_TRUE(absl::IsUnauthenticated(open("127.0.0.1", folder.Path("none.pem"))));
}

TEST(KeptConnection, SaysWhatItCannotDo) {
  const auto nobody = ConnectByTcp({.address = "127.0.0.1:1"}, clock::SystemClock());
  const absl::Status status = nobody->Open(seconds(5));
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("127.0.0.1:1: "));

  // A peer that takes nothing.
  std::promise<void> over;
  const RawServer server([&](int) { over.get_future().wait(); });
  const auto connection = ConnectByTcp({.address = AddressOf(server)}, clock::SystemClock());
  ASSERT_TRUE(connection->Open(seconds(5)).ok());
  const std::string large(20'000'000, 'x');
  EXPECT_TRUE(absl::IsDeadlineExceeded(connection->Send(large, std::chrono::milliseconds(200))));
  EXPECT_FALSE(connection->IsOpen());
  over.set_value();
}

TEST(KeptConnection, IsCancelledWhileItWaits) {
  std::promise<void> over;
  const RawServer server([&](int) { over.get_future().wait(); });
  const auto connection = ConnectByTcp({.address = AddressOf(server)}, clock::SystemClock());
  ASSERT_TRUE(connection->Open(seconds(5)).ok());
  auto sent = std::async(std::launch::async, [&] {
    return connection->Send(std::string(20'000'000, 'x'), seconds(60));
  });
  connection->Cancel();
  EXPECT_TRUE(absl::IsCancelled(sent.get()));
  EXPECT_TRUE(absl::IsCancelled(connection->Open(seconds(5))));
  over.set_value();
}

}  // namespace kept_connection_test
}  // namespace signinwatch::http_client
