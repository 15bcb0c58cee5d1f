// The values that messages of signals are made of (docs/signals.md): bytes out, bytes in.
//
// Numbers are LEB128 varints, signed ones zigzag; ids are their 16 bytes, big-endian. A text is
// written once a message and by its place in the table of those before it after that.
//
// What is read was written by another process: a reader that meets damage says so by ok(), and
// gives zeros from there on.
#ifndef SIGNINWATCH_DAEMON_SIGNALS_WIRE_H_
#define SIGNINWATCH_DAEMON_SIGNALS_WIRE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "parser/event_time.h"
#include "parser/ids.h"
#include "parser/signal.h"
#include "parser/table_hash.h"

namespace signinwatch::signals {

// The longest text that a record keeps: the beginning of one and the hash of all (parser/ids.h).
inline constexpr size_t kWireTextBytes = kKeptTextBytes + 32;

// Times go over the wire as microseconds since 1970.
[[nodiscard]] inline int64_t MicrosOf(EventTime time) { return time.time_since_epoch().count(); }
[[nodiscard]] inline EventTime TimeOfMicros(int64_t micros) { return EventTime(Duration(micros)); }

class WireWriter {
 public:
  void Number(uint64_t value) {
    while (value >= 0x80) {
      bytes_.push_back(static_cast<char>(value | 0x80));
      value >>= 7;
    }
    bytes_.push_back(static_cast<char>(value));
  }
  void Signed(int64_t value) {
    Number(static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63));
  }
  void Fixed(uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) bytes_.push_back(static_cast<char>(value >> 8 * i));
  }
  // Its bytes must stay as they are until Take.
  void Text(std::string_view text);
  void Raw(std::string_view bytes) { bytes_.append(bytes); }

  [[nodiscard]] size_t size() const { return bytes_.size(); }
  // What was written; then the writer is as new.
  [[nodiscard]] std::string Take();

 private:
  std::string bytes_;
  absl::flat_hash_map<std::string_view, uint64_t, TableHash> texts_;
};

class WireReader {
 public:
  // Texts that are read are appended to `text`, each once.
  WireReader(std::string_view bytes, std::string* text) : bytes_(bytes), text_(text) {}

  [[nodiscard]] uint64_t Number();
  // Damage where it is above `most`.
  [[nodiscard]] uint64_t Number(uint64_t most);
  [[nodiscard]] int64_t Signed();
  [[nodiscard]] uint64_t Fixed(int bytes);
  // Absent where it may be; else that is damage.
  [[nodiscard]] TextRef Text();
  [[nodiscard]] TextRef PresentText();
  [[nodiscard]] std::string_view Raw(size_t size);

  void Fail() { ok_ = false; }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] size_t left() const { return bytes_.size() - at_; }
  [[nodiscard]] std::string_view View(TextRef ref) const {
    return std::string_view(*text_).substr(ref.offset, ref.size);
  }

 private:
  [[nodiscard]] TextRef Keep(std::string_view text);

  const std::string_view bytes_;
  std::string* const text_;
  size_t at_ = 0;
  bool ok_ = true;
  std::vector<TextRef> texts_;
};

}  // namespace signinwatch::signals

#endif  // SIGNINWATCH_DAEMON_SIGNALS_WIRE_H_
