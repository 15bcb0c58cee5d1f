#include "daemon/http/listener.h"

#include <boost/asio/ip/v6_only.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "parser/ascii.h"

namespace signinwatch::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct HostAndPort {
  std::string host;
  std::string port;
};

std::optional<HostAndPort> SplitAddress(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon + 1 == address.size()) return std::nullopt;
  std::string host = address.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string::npos) {
    return std::nullopt;  // a v6 address without brackets: where does it end?
  }
  return HostAndPort{std::move(host), address.substr(colon + 1)};
}

// Loopback by definition (RFC 6761, section 6.3), so no resolver is asked: there may be none that
// knows it, and one that says otherwise is wrong.
bool IsLocalhost(std::string_view host) {
  constexpr std::string_view kName = "localhost";
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.size() < kName.size()) return false;
  const std::string_view below = host.substr(0, host.size() - kName.size());
  return EqualsWithoutCase(host.substr(below.size()), kName) &&
         (below.empty() || below.ends_with('.'));
}

error_code Open(const tcp::endpoint& at, tcp::acceptor* acceptor) {
  error_code error;
  if (acceptor->open(at.protocol(), error)) return error;
  // After a restart the port is ours at once. Not SO_REUSEPORT: it would let a second daemon listen
  // on the same port and take every other request.
  acceptor->set_option(tcp::acceptor::reuse_address(true), error);
  if (at.address().is_v6()) acceptor->set_option(asio::ip::v6_only(false), error);
  constexpr int kBacklog = 128;
  if (!acceptor->bind(at, error)) acceptor->listen(kBacklog, error);
  error_code ignored;
  if (error) acceptor->close(ignored);
  return error;
}

}  // namespace

absl::StatusOr<tcp::acceptor> Listen(asio::io_context& io, const std::string& address) {
  const auto wrong = [&address](const std::string& what) {
    return absl::InvalidArgumentError(absl::StrCat("can't listen on ", address, ": ", what));
  };
  const std::optional<HostAndPort> parts = SplitAddress(address);
  if (!parts) return wrong("not host:port, [v6]:port or :port");
  std::vector<std::string> hosts{parts->host};
  if (IsLocalhost(parts->host)) hosts = {"127.0.0.1", "::1"};
  if (parts->host.empty()) hosts = {"::", "0.0.0.0"};
  error_code first;
  for (const std::string& host : hosts) {
    error_code error;
    const auto found = tcp::resolver(io).resolve(
        host, parts->port, tcp::resolver::passive | tcp::resolver::numeric_service, error);
    for (const auto& entry : found) {
      tcp::acceptor acceptor(io);
      error = Open(entry.endpoint(), &acceptor);
      if (!error) return acceptor;
    }
    if (!first) first = error;
  }
  return wrong(first.message());
}

}  // namespace signinwatch::http
