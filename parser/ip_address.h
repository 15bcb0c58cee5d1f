// IP addresses of sign-ins, as the contract reads and writes them (SPEC 3.2, 7).
#ifndef SIGNINWATCH_PARSER_IP_ADDRESS_H_
#define SIGNINWATCH_PARSER_IP_ADDRESS_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace signinwatch {

// 128 bits in network order. An IPv4 address is kept as IPv4-mapped IPv6 (::ffff:a.b.c.d, RFC 4291
// section 2.5.5.2), which is also what "IPv4 in IPv6 is IPv4" asks for. All zero (::) with
// present == false means none.
struct IpAddress {
  uint64_t hi = 0;
  uint64_t lo = 0;
  bool present = false;

  [[nodiscard]] bool is_v4() const { return present && hi == 0 && (lo >> 32) == 0xffff; }

  // The network that familiarity compares: IPv4 /24, IPv6 /48, tagged so that the two never meet.
  // 0 when there is no address.
  [[nodiscard]] uint64_t FamiliarNetwork() const {
    if (!present) return 0;
    if (is_v4()) return (uint64_t{1} << 62) | ((lo & 0xffffffff) >> 8);
    return (uint64_t{1} << 63) | (hi >> 16);
  }

  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

// A port is cut off ("192.0.2.1:443", "[2001:db8::1]:443"; brackets alone are fine); anything that
// is not an address gives present == false.
[[nodiscard]] IpAddress ParseIpAddress(std::string_view text);

// Of IpAddress::FamiliarNetwork, not 0: "203.0.113.0/24", "2001:db8:1::/48".
[[nodiscard]] std::string FormatFamiliarNetwork(uint64_t network);

// RFC 5952 (IPv4 dotted).
[[nodiscard]] std::string FormatIpAddress(const IpAddress& address);

}  // namespace signinwatch

#endif  // SIGNINWATCH_PARSER_IP_ADDRESS_H_
