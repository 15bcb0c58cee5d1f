#include "daemon/sinks/redaction.h"

#include <gtest/gtest.h>

#include <string>

namespace signinwatch::sinks {
namespace redaction_test {

TEST(WithoutPeople, HidesWhoAndWhere) {
  const struct {
    const char* text;
    const char* shown;
  } cases[] = {
      {"", ""},
      {"HTTP 400", "HTTP 400"},
      {"field 'summary' of anna@contoso.example is too long", "field 'summary' of … is too long"},
      {"{\"user\":\"Anna%40contoso.example\"}", "{\"user\":\"…\"}"},
      {"<anna@contoso.example>: mailbox full", "<…>: mailbox full"},
      {"id=22222222-2222-4333-8444-555555555555, again", "id=…, again"},
      {"no 2222222A-2222-4333-8444-555555555555.", "no …"},
      {"from 203.0.113.7.", "from …"},
      {"from 203.0.113.7:443 by 1.2.3", "from … by 1.2.3"},
      {"from [2001:db8::1]:25", "from […]:25"},
      {"GET https://contoso.example:8443/rest/issue?user=anna failed",
       "GET https://contoso.example:8443/… failed"},
      {"https://contoso.example:443: refused", "https://contoso.example:443: refused"},
      {"https://anna:secret@contoso.example/", "…"},
      {"12:30 transition 31", "12:30 transition 31"},
  };
  for (const auto& c : cases) EXPECT_EQ(WithoutPeople(c.text), c.shown) << c.text;
}

TEST(WithoutPeople, KeepsABeginning) {
  const std::string shown = WithoutPeople(std::string(10'000, 'x'));
  EXPECT_LE(shown.size(), kErrorTextBytesMax);
  EXPECT_TRUE(shown.ends_with("…"));
}

}  // namespace redaction_test
}  // namespace signinwatch::sinks
