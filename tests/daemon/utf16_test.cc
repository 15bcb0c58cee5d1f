#include "daemon/files/utf16.h"

#include <gtest/gtest.h>

#include <string>

namespace signinwatch {
namespace utf16_test {

using std::string_literals::operator""s;

std::string Decoded(files::ByteOrder order, const std::string& bytes, size_t piece_bytes) {
  files::Utf16Decoder decoder(order);
  std::string text;
  for (size_t at = 0; at < bytes.size(); at += piece_bytes) {
    decoder.Decode(std::string_view(bytes).substr(at, piece_bytes), &text);
  }
  decoder.Finish(&text);
  decoder.Finish(&text);
  return text;
}

TEST(Utf16Test, IsKnownByItsByteOrderMark) {
  EXPECT_EQ(files::Utf16ByteOrder("\xff\xfe"), files::ByteOrder::kLittle);
  EXPECT_EQ(files::Utf16ByteOrder("\xfe\xff\0{"s), files::ByteOrder::kBig);
  for (const std::string bytes : {"", "\xff", "{}", "\xef\xbb\xbf", "\xfe\xfe"}) {
    EXPECT_EQ(files::Utf16ByteOrder(bytes), std::nullopt);
  }
}

TEST(Utf16Test, EachCharacter) {
  for (const size_t piece_bytes : {1, 2, 3, 100}) {
    EXPECT_EQ(Decoded(files::ByteOrder::kLittle, "a\0\xe4\0\xac\x20\x3d\xd8\x00\xde"s, piece_bytes),
              "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
    EXPECT_EQ(Decoded(files::ByteOrder::kBig, "\0a\0\xe4\x20\xac\xd8\x3d\xde\0"s, piece_bytes),
              "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
  }
}

TEST(Utf16Test, OneByteForEachThatIsNoCharacter) {
  for (const size_t piece_bytes : {1, 2, 100}) {
    // A high surrogate before a letter, before another, and at the end; a low one alone.
    EXPECT_EQ(
        Decoded(files::ByteOrder::kBig, "\xd8\0\0a\xd8\0\xd8\0\xde\0\xde\0\xd8\0"s, piece_bytes),
        "\xff"
        "a\xff\xf0\x90\x88\x80\xff\xff");
    EXPECT_EQ(Decoded(files::ByteOrder::kLittle, "a\0b"s, piece_bytes), "a\xff");
  }
}

}  // namespace utf16_test
}  // namespace signinwatch
