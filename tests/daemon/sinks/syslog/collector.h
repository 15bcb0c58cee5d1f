// A collector of syslog on a socket of the loopback address, by TCP or TLS. Strict: a frame that is
// none is noted, and ends the connection.
#ifndef SIGNINWATCH_TESTS_DAEMON_SINKS_SYSLOG_COLLECTOR_H_
#define SIGNINWATCH_TESTS_DAEMON_SINKS_SYSLOG_COLLECTOR_H_

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <string>
#include <vector>

#include "tests/daemon/http_client/tls_peer.h"
#include "tests/daemon/http_client/web_server.h"

namespace signinwatch::sinks {

class Collector {
 public:
  // nullptr: in the clear, a line a message; else by TLS with octet counting.
  explicit Collector(const http_client::Certificate* certificate = nullptr)
      : certificate_(certificate), server_([this](int fd) { Serve(fd); }) {}
  ~Collector() { stops_ = true; }

  [[nodiscard]] std::string address() const {
    return "127.0.0.1:" + std::to_string(server_.port());
  }
  // The connection that there is ends, or the next.
  void HangUp() { hang_up_ = true; }
  [[nodiscard]] bool has_hung_up() const { return !hang_up_; }
  [[nodiscard]] int connections() const { return connections_; }
  // So many messages, or what came within five seconds.
  std::vector<std::string> Await(size_t count) {
    std::unique_lock lock(mutex_);
    came_.wait_for(lock, std::chrono::seconds(5), [&] { return messages_.size() >= count; });
    return messages_;
  }

 private:
  void Serve(int fd) {
    http_client::TlsPeer peer(fd);
    if (certificate_ != nullptr && !peer.StartTls(*certificate_)) return;
    ++connections_;
    std::string bytes;
    while (!stops_) {
      if (hang_up_.exchange(false)) return;
      if (!peer.Waits(5)) continue;
      const std::string block = peer.Read();
      if (block.empty()) return;
      bytes += block;
      while (TakeFrame(&bytes)) {
      }
    }
  }

  bool TakeFrame(std::string* bytes) {
    size_t size = 0;
    size_t begin = 0;
    size_t end = 0;
    if (certificate_ == nullptr) {
      size = bytes->find('\n');
      if (size == std::string::npos) return false;
      end = size + 1;
    } else {
      begin = bytes->find(' ') + 1;
      if (begin == 0) return false;
      size = static_cast<size_t>(std::atoi(bytes->c_str()));
      end = begin + size;
      if (bytes->size() < end) return false;
    }
    const std::lock_guard lock(mutex_);
    messages_.push_back(end > 8'191 ? "too long" : bytes->substr(begin, size));
    if (!messages_.back().starts_with("<")) messages_.back() = "no message";
    bytes->erase(0, end);
    came_.notify_all();
    return true;
  }

  const http_client::Certificate* const certificate_;
  std::atomic<bool> stops_{false};
  std::atomic<bool> hang_up_{false};
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<std::string> messages_;
  http_client::RawServer server_;  // the last: its thread uses the rest
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_TESTS_DAEMON_SINKS_SYSLOG_COLLECTOR_H_
