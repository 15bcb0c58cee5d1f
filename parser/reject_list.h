// The dead letters of one message (SPEC 3.3), with a bound: each has words and a place beside its
// bytes, and of what a shipper wrapped each has the bytes of the whole element. So of a message
// with very many, those beyond join the last one of their reason: its bytes then reach from the
// first to the last of them, and its count says how many they are.
#ifndef SIGNINWATCH_PARSER_REJECT_LIST_H_
#define SIGNINWATCH_PARSER_REJECT_LIST_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "parser/message_parser.h"

namespace signinwatch {

class RejectList {
 public:
  // More letters than this no message makes, but for the first of each reason.
  [[nodiscard]] static size_t LettersMax(size_t message_bytes) { return 64 + message_bytes / 64; }
  // And no more letters where all together would have more bytes than this.
  [[nodiscard]] static size_t BytesMax(size_t message_bytes) {
    return (size_t{64} << 10) + 4 * message_bytes;
  }

  // Starts a message of this size. The letters go to `out`, which must outlive it.
  void Begin(size_t message_bytes, ParsedMessage* out);

  // One rejected record more; counted by the caller. `detail` is static text.
  void Add(RejectReason reason, const char* detail, size_t offset, size_t size);
  // One more of the last letter of this reason, which there is.
  void Join(RejectReason reason, size_t offset, size_t size);

  // What Add and Join do from now on can be taken back.
  struct Mark {
    size_t letters = 0;
    size_t bytes = 0;
    struct Last {
      size_t size = 0;
      uint64_t records = 0;
    };
    std::array<uint32_t, kRejectReasonCount> last{};
    std::array<Last, kRejectReasonCount> as_it_was{};  // a letter of before may be joined later
  };
  [[nodiscard]] Mark Now() const;
  void TakeBack(const Mark& mark);

 private:
  ParsedMessage* out_ = nullptr;
  size_t message_bytes_ = 0;
  size_t bytes_ = 0;                                 // of all letters
  std::array<uint32_t, kRejectReasonCount> last_{};  // of each reason: one more than its place
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_PARSER_REJECT_LIST_H_
