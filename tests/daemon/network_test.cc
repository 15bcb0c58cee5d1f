#include "daemon/config/network.h"

#include <gtest/gtest.h>

#include <string>

namespace signinwatch {
namespace network_test {

bool Contains(const char* network, const char* address) {
  const auto parsed = config::ParseNetwork(network);
  EXPECT_TRUE(parsed.has_value()) << network;
  return parsed && parsed->Contains(ParseIpAddress(address));
}

TEST(NetworkTest, HasTheAddressesOfItsBits) {
  const struct {
    const char* network;
    const char* address;
    bool contains;
  } cases[] = {
      {"203.0.113.7", "203.0.113.7", true},
      {"203.0.113.7", "203.0.113.8", false},
      {"203.0.113.0/24", "203.0.113.255", true},
      {"203.0.113.0/24", "203.0.114.0", false},
      {"203.0.113.99/24", "203.0.113.1", true},  // bits behind the length say nothing
      {"10.0.0.0/7", "11.255.255.255", true},
      {"10.0.0.0/7", "12.0.0.0", false},
      {"0.0.0.0/0", "198.51.100.1", true},
      {"0.0.0.0/0", "2001:db8::1", false},
      {"2001:db8::/48", "2001:db8:0:ffff::1", true},
      {"2001:db8::/48", "2001:db8:1::1", false},
      {"2001:db8::/65", "2001:db8::7fff:0:0:1", true},
      {"2001:db8::/65", "2001:db8::8000:0:0:1", false},
      {"2001:db8::1/128", "2001:db8::1", true},
      {"::ffff:203.0.113.0", "203.0.113.0", true},  // IPv4 in IPv6 is IPv4
      {"203.0.113.0/24", "", false},                // no address
      {"::/0", "2001:db8::1", true},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Contains(c.network, c.address), c.contains) << c.network << " " << c.address;
  }
}

TEST(NetworkTest, IsNoOtherText) {
  for (const char* text :
       {"", "/", "/24", "contoso", "203.0.113.0/", "203.0.113.0/33", "203.0.113.0/-1",
        "203.0.113.0/024x", "203.0.113.0/24/24", "203.0.113.7:443", "[2001:db8::1]",
        "[2001:db8::1]:443", "2001:db8::/129", "203.0.113/24", "203.0.113.0 /24"}) {
    EXPECT_FALSE(config::ParseNetwork(text).has_value()) << text;
  }
}

}  // namespace network_test
}  // namespace signinwatch
