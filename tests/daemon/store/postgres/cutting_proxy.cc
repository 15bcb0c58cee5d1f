#include "tests/daemon/store/postgres/cutting_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>

namespace signinwatch::store {
namespace {

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

bool CopySome(int from, int to) {
  char buffer[65'536];
  const ssize_t size = ::read(from, buffer, sizeof(buffer));
  if (size <= 0) return false;
  return ::send(to, buffer, static_cast<size_t>(size), MSG_NOSIGNAL) == size;
}

}  // namespace

CuttingProxy::CuttingProxy(int server_port) : server_port_(server_port) {
  listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = Loopback(0);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  if (::bind(listener_, any, size) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, any, &size) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  threads_.emplace_back([this] { Accept(); });
}

CuttingProxy::~CuttingProxy() {
  ends_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  threads_.front().join();
  for (size_t i = 1; i < threads_.size(); ++i) threads_[i].join();
  ::close(listener_);
}

void CuttingProxy::Accept() {
  while (!ends_) {
    const int client = ::accept(listener_, nullptr, nullptr);
    if (client < 0) return;
    const std::lock_guard lock(mutex_);
    threads_.emplace_back([this, client] { Pass(client); });
  }
}

void CuttingProxy::Pass(int client) {
  const int server = ::socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = Loopback(server_port_);
  bool goes_on =
      ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  bool asked = false;  // since answers are lost
  while (goes_on && !ends_) {
    const Mode mode = mode_;
    if (mode == Mode::kSilence) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      continue;
    }
    pollfd fds[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    if (::poll(fds, 2, 20) <= 0 || mode_ != mode) continue;
    if (fds[0].revents != 0) {
      goes_on = CopySome(client, server);
      asked |= mode == Mode::kLoseAnswers;
    }
    if (goes_on && fds[1].revents != 0) {
      if (mode == Mode::kLoseAnswers && asked) {
        // The server has done what it answers to.
        ++lost_;
        break;
      }
      goes_on = CopySome(server, client);
    }
  }
  ::close(client);
  ::close(server);
}

}  // namespace signinwatch::store
