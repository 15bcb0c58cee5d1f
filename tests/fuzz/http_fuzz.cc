// libFuzzer target: whatever bytes come as a request, the server answers by HTTP or not at all, and
// nobody who has not logged in gets anything but a refusal.
//
// The first byte of an input chooses whether passwords are asked for, the rest is the request.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "daemon/clock/clock.h"
#include "daemon/http/dispatcher.h"
#include "daemon/http/host_names.h"
#include "daemon/http/http_connection.h"
#include "daemon/http/routes.h"
#include "daemon/log/log.h"
#include "tests/daemon/http/fake_store.h"
#include "tests/daemon/http/sample_status.h"

namespace signinwatch {
namespace {

using boost::asio::ip::tcp;

[[noreturn]] void Fail(const char* what, const std::string& answer) {
  std::fprintf(stderr, "%s: %s\n", what, answer.c_str());
  std::abort();
}

std::shared_ptr<const http::WebAccess::State> Access(bool with_users) {
  config::WebConfig config;
  if (with_users) {
    config.users["alice"] = "$2y$04$IMu9.5cUBT6pqvUBQqBsteYUTDwjTRZ6gDtCiuV7QaIwrF9.SgP3G";
  }
  return std::make_shared<const http::WebAccess::State>(std::move(config));
}

// All of the daemon's HTTP side but the listening.
class Server {
 public:
  Server() {
    log::ConfigureLog({.format = config::LogFormat::kLogfmt, .level = config::LogLevel::kError});
  }

  std::string Answer(std::string_view request, bool with_users) {
    int ends[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) std::abort();
    if (::send(ends[1], request.data(), request.size(), MSG_NOSIGNAL) < 0) std::abort();
    ::shutdown(ends[1], SHUT_WR);
    std::make_shared<http::HttpConnection>(
        clock::SystemClock(), tcp::socket(io_, tcp::v4(), ends[0]), access_[with_users], limits_)
        ->Hear([this](const auto& heard, auto error) { dispatcher_.Direct(heard, error); });
    std::string answer;
    char bytes[64 * 1024];
    for (io_.restart(); !io_.stopped(); io_.run_one_for(std::chrono::milliseconds(1))) {
      const ssize_t got = ::recv(ends[1], bytes, sizeof(bytes), MSG_DONTWAIT);
      answer.append(bytes, static_cast<size_t>(std::max<ssize_t>(got, 0)));
    }
    for (ssize_t got; (got = ::recv(ends[1], bytes, sizeof(bytes), 0)) > 0;) {
      answer.append(bytes, static_cast<size_t>(got));
    }
    ::close(ends[1]);
    return answer;
  }

 private:
  http::FakeStore store_;
  const http::HttpLimits limits_;
  const http::HostNames host_names_{config::HttpConfig{}};
  http::Routes routes_{clock::SystemClock(),
                       {.store = &store_,
                        .status = http::SampleStatus,
                        .metrics = [](bool) { return std::string("metrics\n"); },
                        .reload = [] { return absl::OkStatus(); }},
                       limits_};
  const std::shared_ptr<const http::WebAccess::State> access_[2] = {Access(false), Access(true)};
  boost::asio::io_context io_;
  http::Dispatcher dispatcher_{clock::SystemClock(), io_, limits_,
                               [this](const http::HttpRequest& request) {
                                 if (auto refusal = host_names_.Refusal(request)) return *refusal;
                                 return routes_.Answer(request, false);
                               }};
};

}  // namespace
}  // namespace signinwatch

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static auto& server = *new signinwatch::Server();
  constexpr size_t kBytesMax = size_t{64} << 10;
  if (size < 1 || size > kBytesMax) return 0;
  const bool with_users = (data[0] & 1) != 0;
  const std::string answer =
      server.Answer({reinterpret_cast<const char*>(data) + 1, size - 1}, with_users);
  if (answer.empty()) return 0;
  if (!answer.starts_with("HTTP/1.1 ")) signinwatch::Fail("no HTTP", answer);
  const bool good = answer.starts_with("HTTP/1.1 2");
  if (good && with_users) signinwatch::Fail("let in without a password", answer);
  if (good && answer.find("\r\n\r\nreloaded") != std::string::npos) {
    signinwatch::Fail("changed something from the network", answer);
  }
  return 0;
}
