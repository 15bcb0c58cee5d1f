#include "tests/daemon/http_client/web_server.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

namespace signinwatch::http_client {
namespace {

constexpr const char* kLoopback = "127.0.0.1";

std::unique_ptr<httplib::Server> MakeServer(const Certificate* certificate) {
  if (certificate == nullptr) return std::make_unique<httplib::Server>();
  return std::make_unique<httplib::SSLServer>(certificate->x509.get(), certificate->key.get());
}

// Whatever proxy the surroundings of a test name.
void UseNoProxy() { ::setenv("no_proxy", "*", 1); }

}  // namespace

WebServer::WebServer(Handler handler, const Certificate* certificate)
    : server_(MakeServer(certificate)), scheme_(certificate == nullptr ? "http" : "https") {
  UseNoProxy();
  server_->Get(".*", handler);
  server_->Post(".*", std::move(handler));
  port_ = server_->bind_to_any_port(kLoopback);
  thread_ = std::thread([this] { server_->listen_after_bind(); });
  while (!server_->is_running()) std::this_thread::yield();
}

WebServer::~WebServer() {
  server_->stop();
  thread_.join();
}

std::string WebServer::Url(const std::string& path) const {
  return std::string(scheme_) + "://" + kLoopback + ":" + std::to_string(port_) + path;
}

RawServer::RawServer(std::function<void(int fd)> handler) : handler_(std::move(handler)) {
  UseNoProxy();
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
  ::listen(listener_, 16);
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] {
    while (true) {
      const int fd = ::accept(listener_, nullptr, nullptr);
      if (fd < 0 || stopped_) {
        if (fd >= 0) ::close(fd);
        return;
      }
      handler_(fd);
      ::close(fd);
    }
  });
}

RawServer::~RawServer() {
  stopped_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

std::string RawServer::Url(const std::string& path) const {
  return std::string("http://") + kLoopback + ":" + std::to_string(port_) + path;
}

std::string RawServer::ReadRequest(int fd) {
  std::string request;
  size_t size = std::string::npos;
  char block[4096];
  while (request.size() < size) {
    const ssize_t n = ::recv(fd, block, sizeof(block), 0);
    if (n <= 0) break;
    request.append(block, static_cast<size_t>(n));
    const size_t head = request.find("\r\n\r\n");
    if (head == std::string::npos) continue;
    const size_t length = request.find("Content-Length: ");
    const int body = length < head ? std::atoi(request.c_str() + length + 16) : 0;
    size = head + 4 + static_cast<size_t>(body);
  }
  return request;
}

bool RawServer::Write(int fd, const std::string& bytes) {
  size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t n = ::send(fd, bytes.data() + written, bytes.size() - written, MSG_NOSIGNAL);
    if (n <= 0) return false;
    written += static_cast<size_t>(n);
  }
  return true;
}

void RawServer::WaitForClose(int fd) {
  char block[4096];
  while (::recv(fd, block, sizeof(block), 0) > 0) {
  }
}

void RawServer::Reset(int fd) {
  const linger now{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

}  // namespace signinwatch::http_client
