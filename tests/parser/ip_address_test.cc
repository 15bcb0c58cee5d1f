#include "parser/ip_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <random>
#include <string>

namespace signinwatch {
namespace ip_address_test {

TEST(IpAddressTest, ReadsAndWrites) {
  const struct {
    const char* text;
    const char* written;
  } kCases[] = {
      {"192.0.2.1", "192.0.2.1"},
      {"0.0.0.0", "0.0.0.0"},
      {"255.255.255.255", "255.255.255.255"},
      {"192.0.2.1:443", "192.0.2.1"},
      {"192.0.2.1:0", "192.0.2.1"},
      {"192.0.2.1:65535", "192.0.2.1"},
      {"::ffff:192.0.2.1", "192.0.2.1"},
      {"::FFFF:c000:0201", "192.0.2.1"},
      {"0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1"},
      {"[::ffff:192.0.2.1]:443", "192.0.2.1"},
      {"::ffff:192.0.2.1:443", "192.0.2.1"},
      {"2001:db8::1", "2001:db8::1"},
      {"[2001:db8::1]", "2001:db8::1"},
      {"[2001:db8::1]:443", "2001:db8::1"},
      {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
      {"2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"},
      {"::", "::"},
      {"::1", "::1"},
      {"1::", "1::"},
      // Looks like a port; without brackets it is one more group.
      {"2001:db8::1:443", "2001:db8::1:443"},
      // RFC 5952: one group of zeros is not shortened, of equal runs the first is, else the
      // longest.
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
      {"1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"},
      {"0:0:3:4:5:6:7:8", "::3:4:5:6:7:8"},
      // glibc's inet_ntop writes ::1.2.3.4 for this one.
      {"::102:304", "::102:304"},
      {"::1.2.3.4", "::102:304"},
      {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
  };
  for (const auto& c : kCases) {
    const IpAddress address = ParseIpAddress(c.text);
    ASSERT_TRUE(address.present) << c.text;
    EXPECT_EQ(FormatIpAddress(address), c.written) << c.text;
    EXPECT_EQ(ParseIpAddress(FormatIpAddress(address)), address) << c.text;
  }
}

TEST(IpAddressTest, RefusesWhatIsNoAddress) {
  for (const char* text : {"",
                           "<null>",
                           "localhost",
                           "192.0.2",
                           "192.0.2.1.1",
                           "192.0.2.256",
                           "192.0.2.01",
                           "192.0.2.",
                           ".192.0.2.1",
                           "192.0.2.1 ",
                           " 192.0.2.1",
                           "192.0.2.1:",
                           "192.0.2.1:65536",
                           "192.0.2.1:x",
                           "192.0.2.1/24",
                           "3221225985",
                           "0x7f.0.0.1",
                           "[192.0.2.1]:443",
                           "[2001:db8::1",
                           "2001:db8::1]",
                           "[2001:db8::1]443",
                           "[2001:db8::1]:",
                           "[]",
                           ":",
                           ":::",
                           "1::2::3",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1:2:3:4:5:6:7:8::",
                           "::1:2:3:4:5:6:7:8",
                           "::2a02:cf40:add:4002:91f2:a9b2:e09a:6fc6",
                           ":1::2",
                           "1:",
                           "12345::",
                           "::g",
                           "fe80::1%eth0",
                           "1:2:3:4:5:6:7:1.2.3.4",
                           "::1.2.3",
                           "::1.2.3.4:5:6"}) {
    EXPECT_FALSE(ParseIpAddress(text).present) << text;
  }
}

TEST(IpAddressTest, NetworksOfTheTwoVersionsNeverMeet) {
  const auto network = [](const char* text) { return ParseIpAddress(text).FamiliarNetwork(); };
  EXPECT_EQ(network("192.0.2.1"), network("192.0.2.254"));
  EXPECT_NE(network("192.0.2.1"), network("192.0.3.1"));
  EXPECT_EQ(network("2001:db8:1:2::1"), network("2001:db8:1:3::9"));
  EXPECT_NE(network("2001:db8:1::1"), network("2001:db8:2::1"));
  EXPECT_NE(network("::1"), network("0.0.0.0"));
  EXPECT_EQ(network("none"), 0u);
}

// inet_pton(3) agrees on what an address without a port is, on random ones and broken ones.
TEST(IpAddressTest, AgreesWithThePlatform) {
  std::mt19937 random(1);
  constexpr char kAlphabet[] = "0123456789abf:.:.:";
  for (int round = 0; round < 200'000; ++round) {
    std::string text;
    for (size_t size = random() % 24; size > 0; --size) {
      text.push_back(kAlphabet[random() % (sizeof(kAlphabet) - 1)]);
    }
    std::array<uint8_t, 16> bytes{};
    const bool v6 = inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
    const IpAddress ours = ParseIpAddress(text);
    if (v6) {
      IpAddress theirs{0, 0, true};
      for (int i = 0; i < 8; ++i) theirs.hi = theirs.hi << 8 | bytes[static_cast<size_t>(i)];
      for (int i = 8; i < 16; ++i) theirs.lo = theirs.lo << 8 | bytes[static_cast<size_t>(i)];
      EXPECT_EQ(ours, theirs) << text;
    } else if (text.find('.') == std::string::npos) {
      EXPECT_FALSE(ours.present) << text;
    }
    in_addr v4{};
    if (inet_pton(AF_INET, text.c_str(), &v4) == 1) {
      EXPECT_EQ(FormatIpAddress(ours), text);
    }
  }
}

TEST(IpAddressTest, ANetworkIsWrittenAsItsFirstAddress) {
  const auto network = [](const char* address) {
    return FormatFamiliarNetwork(ParseIpAddress(address).FamiliarNetwork());
  };
  EXPECT_EQ(network("203.0.113.77"), "203.0.113.0/24");
  EXPECT_EQ(network("::ffff:255.255.255.255"), "255.255.255.0/24");
  EXPECT_EQ(network("2001:db8:1:ffff::2"), "2001:db8:1::/48");
  EXPECT_EQ(network("::1"), "::/48");
  EXPECT_EQ(network("ffff:ffff:ffff:ffff::1"), "ffff:ffff:ffff::/48");
}

}  // namespace ip_address_test
}  // namespace signinwatch
