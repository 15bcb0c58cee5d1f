#include "daemon/config/network.h"

#include <algorithm>

#include "daemon/config/quantities.h"

namespace signinwatch::config {
namespace {

constexpr int kBits = 128;
constexpr int kIpv4Bits = 32;

// The first `bits` of 64, all of them from 64 on, none below 1.
uint64_t FirstBits(int bits) {
  if (bits <= 0) return 0;
  return bits >= 64 ? ~uint64_t{0} : ~uint64_t{0} << (64 - bits);
}

}  // namespace

bool Network::Contains(const IpAddress& other) const {
  if (!other.present) return false;
  const uint64_t hi = FirstBits(bits);
  const uint64_t lo = FirstBits(bits - 64);
  return (address.hi & hi) == (other.hi & hi) && (address.lo & lo) == (other.lo & lo);
}

std::optional<Network> ParseNetwork(std::string_view text) {
  const size_t slash = text.find('/');
  const std::string_view address = text.substr(0, slash);
  // ParseIpAddress cuts ports and brackets off, which a range has not.
  if (address.find_first_of("[]") != std::string_view::npos) return std::nullopt;
  const bool colons = address.find(':') != std::string_view::npos;
  const bool dots = address.find('.') != std::string_view::npos;
  if (colons && dots && std::count(address.begin(), address.end(), ':') < 2) return std::nullopt;
  Network network{.address = ParseIpAddress(address)};
  if (!network.address.present) return std::nullopt;
  if (slash == std::string_view::npos) return network;
  const std::string_view length = text.substr(slash + 1);
  const int most = network.address.is_v4() ? kIpv4Bits : kBits;
  if (length.empty() || length.size() > 3 ||
      length.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  const auto bits = static_cast<int>(ParseInteger(length).value_or(-1));
  if (bits < 0 || bits > most) return std::nullopt;
  network.bits = kBits - most + bits;
  return network;
}

}  // namespace signinwatch::config
