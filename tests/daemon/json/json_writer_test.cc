#include "daemon/json/json_writer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace signinwatch::json {
namespace json_writer_test {

TEST(JsonWriterTest, PutsCommasWhereTheyBelong) {
  std::string out;
  JsonWriter json(&out);
  json.Open('{');
  json.Member("open", true);
  json.Key("none");
  json.Open('[');
  json.Close(']');
  json.Key("codes");
  json.Open('[');
  json.Number(50132);
  json.Open('{');
  json.Close('}');
  json.Null();
  json.Raw(R"({"a":1})");
  json.Close(']');
  json.Texts("texts", {"a", "b"});
  json.Key("absent");
  json.StringOrNull("");
  json.Close('}');
  EXPECT_EQ(out, R"({"open":true,"none":[],"codes":[50132,{},null,{"a":1}],"texts":["a","b"],)"
                 R"("absent":null})");
}

TEST(JsonWriterTest, MembersAreOfTheirKind) {
  std::string out;
  JsonWriter json(&out);
  json.Open('{');
  json.Member("b", "x\xff");
  json.Member("a", 1);
  json.Member("least", std::numeric_limits<int64_t>::min());
  json.Member("most", std::numeric_limits<uint64_t>::max());
  json.Member("share", 0.125);
  json.Member("whole", 1260.0);
  json.Member("small", 1e-7);
  json.Member("unknown", std::numeric_limits<double>::quiet_NaN());
  json.Member("text", std::string("\n"));
  json.Member("time", *ParseEventTime("2026-11-24T09:00:00Z"));
  json.Close('}');
  EXPECT_EQ(out, R"({"b":"x\ufffd","a":1,"least":-9223372036854775808,"most":18446744073709551615,)"
                 R"("share":0.125,"whole":1260,"small":1e-07,"unknown":null,"text":"\n",)"
                 R"("time":"2026-11-24T09:00:00.000000Z"})");
}

}  // namespace json_writer_test
}  // namespace signinwatch::json
