// UTF-16 to UTF-8, piece by piece: PowerShell and Excel write files so.
#ifndef SIGNINWATCH_DAEMON_FILES_UTF16_H_
#define SIGNINWATCH_DAEMON_FILES_UTF16_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signinwatch::files {

enum class ByteOrder : uint8_t { kLittle, kBig };

// The byte order mark that `beginning` begins with, two bytes; nullopt: none.
[[nodiscard]] std::optional<ByteOrder> Utf16ByteOrder(std::string_view beginning);

class Utf16Decoder {
 public:
  explicit Utf16Decoder(ByteOrder order) : order_(order) {}

  // Appends `piece`, which is any part of the text behind the byte order mark, in UTF-8. An
  // unpaired surrogate, and half a code unit at the end, becomes the byte 0xff: the parser makes a
  // U+FFFD of it and counts that where it stands (SPEC 3.3), as of any text that is not as it ought
  // to be.
  void Decode(std::string_view piece, std::string* out);
  // The end of the text. Appends nothing when it is called again.
  void Finish(std::string* out);

 private:
  void Take(uint32_t unit, std::string* out);

  ByteOrder order_;
  std::optional<uint8_t> half_;  // of a code unit
  uint32_t high_ = 0;            // a high surrogate that waits for its low one; 0: none
};

}  // namespace signinwatch::files

#endif  // SIGNINWATCH_DAEMON_FILES_UTF16_H_
