// IP addresses as SPEC 3.2 and 7 read and write them, written a second time.
#ifndef SIGNINWATCH_TESTS_ORACLE_PLAIN_ADDRESS_H_
#define SIGNINWATCH_TESTS_ORACLE_PLAIN_ADDRESS_H_

#include <optional>
#include <string>
#include <string_view>

namespace signinwatch::oracle {

struct PlainAddress {
  std::string text;     // RFC 5952; an IPv4 address, mapped into IPv6 or not, dotted
  std::string network;  // IPv4: its /24, IPv6: its /48; equal texts are equal networks
};

// A port is cut off. nullopt: not an address.
[[nodiscard]] std::optional<PlainAddress> ReadAddress(std::string_view text);

}  // namespace signinwatch::oracle

#endif  // SIGNINWATCH_TESTS_ORACLE_PLAIN_ADDRESS_H_
