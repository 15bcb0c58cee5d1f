// libFuzzer target: whatever bytes come as a request, the server answers by HTTP or not at all, and
// nobody who has not logged in gets anything but a refusal.
//
// The first byte of an input chooses whether passwords are asked for, the rest is the request.
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "daemon/http/host_names.h"
#include "daemon/http/http_protocol.h"
#include "daemon/http/routes.h"
#include "daemon/log/log.h"
#include "tests/daemon/http/fake_store.h"
#include "tests/daemon/http/sample_status.h"

namespace signinwatch {
namespace {

[[noreturn]] void Fail(const char* what, const std::string& answer) {
  std::fprintf(stderr, "%s: %s\n", what, answer.c_str());
  std::abort();
}

std::shared_ptr<const WebAccess::State> Access(bool with_users) {
  WebConfig config;
  if (with_users) {
    config.users["alice"] = "$2y$04$IMu9.5cUBT6pqvUBQqBsteYUTDwjTRZ6gDtCiuV7QaIwrF9.SgP3G";
  }
  return std::make_shared<const WebAccess::State>(std::move(config));
}

// All of the daemon's HTTP side but the sockets.
class Server {
 public:
  Server() { ConfigureLog({.format = LogFormat::kLogfmt, .level = LogLevel::kError}); }

  std::string Answer(std::string_view request, bool with_users) {
    int ends[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0) std::abort();
    {
      Visit visit(ends[0], Peer{"203.0.113.1", "203.0.113.1"}, access_[with_users]);
      visit.received = request;
      visit.ended = true;
      (void)GlanceAtHead(visit.received);
      protocol_.Serve(visit, closing_);
    }
    std::string answer;
    char bytes[64 * 1024];
    for (ssize_t got; (got = ::recv(ends[1], bytes, sizeof(bytes), 0)) > 0;) {
      answer.append(bytes, static_cast<size_t>(got));
    }
    ::close(ends[1]);
    return answer;
  }

 private:
  FakeStore store_;
  const HttpLimits limits_{.write_timeout = {}};
  const HostNames host_names_{HttpConfig{}};
  Routes routes_{{.store = &store_,
                  .status = SampleStatus,
                  .metrics = [](bool) { return std::string("metrics\n"); },
                  .reload = [] { return absl::OkStatus(); }},
                 limits_};
  const HttpProtocol protocol_{limits_, [this](const HttpRequest& request) {
                                 if (auto refusal = host_names_.Refusal(request)) return *refusal;
                                 return routes_.Answer(request, false);
                               }};
  const ClosingTime closing_;
  const std::shared_ptr<const WebAccess::State> access_[2] = {Access(false), Access(true)};
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
