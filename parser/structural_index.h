// Where the tokens of a JSON text start, and whether its strings are sound.
//
// The index has one position for each string (its opening quote), number, literal, bracket, colon
// and comma outside strings, in order. It says nothing about grammar: any run of other bytes counts
// as a token too, and is for the reader to refuse. What it does guarantee of the tokens it has:
// every string is closed, has no invalid escapes, and nothing but blanks between its closing quote
// and the next token. Control characters in strings, which JSON forbids, are taken as they are.
//
// The work is done by stage 1 of simdjson, which needs no padding behind the text (its last block
// is copied) and dispatches on the processor at run time. Where the text has a lexical error or a
// control character, which stage 1 reports but does not locate, a plain loop over the bytes finds
// the tokens.
//
// Not thread-safe; keeps its buffers from one text to the next.
#ifndef SIGNINWATCH_PARSER_STRUCTURAL_INDEX_H_
#define SIGNINWATCH_PARSER_STRUCTURAL_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace signinwatch {

class StructuralIndex {
 public:
  StructuralIndex();
  ~StructuralIndex();
  StructuralIndex(StructuralIndex&&) noexcept;
  StructuralIndex& operator=(StructuralIndex&&) noexcept;

  // `text` is at most kTextBytesMax long and is not kept.
  void Build(std::string_view text);

  // count() + 1 offsets in rising order: the tokens, and where what is indexed ends: the text's
  // size, or the offset of the first token with a lexical error.
  [[nodiscard]] const uint32_t* positions() const { return positions_; }
  [[nodiscard]] uint32_t count() const { return count_; }
  // Whether there is no lexical error.
  [[nodiscard]] bool whole() const { return whole_; }

  // Whether any string has an escape; any has an escaped ASCII letter or digit, so that a key may
  // be written in more than one way; any bytes are no valid UTF-8.
  [[nodiscard]] bool has_escapes() const { return has_escapes_; }
  [[nodiscard]] bool has_escaped_letters() const { return has_escaped_letters_; }
  [[nodiscard]] bool has_invalid_utf8() const { return has_invalid_utf8_; }
  // If there are escapes: a bit for each block of kBlockBytes of the text, 64 to a word, set where
  // the block has a backslash.
  [[nodiscard]] const uint64_t* escape_blocks() const { return escape_blocks_.data(); }
  static constexpr size_t kBlockBytes = 64;
  // How many characters of the text's strings are not as they ought to be (SPEC 3.3): maximal
  // subparts and lone surrogates, each to become U+FFFD, and control characters.
  [[nodiscard]] uint64_t repairs() const { return repairs_; }

  // Gives back buffers that are larger than a text of `bytes` needs.
  void Trim(size_t bytes);

  static constexpr size_t kTextBytesMax = size_t{1} << 29;

 private:
  struct Stage1;

  bool IndexFast(std::string_view text);
  void IndexPlain(std::string_view text);
  void CheckEscapes(std::string_view text);
  void CutAt(size_t offset);

  std::unique_ptr<Stage1> stage1_;
  std::vector<uint32_t> plain_;  // the index where IndexPlain made it
  std::string masked_;           // the text without invalid UTF-8
  std::vector<uint64_t> escape_blocks_;
  const uint32_t* positions_ = nullptr;
  uint32_t count_ = 0;
  bool whole_ = true;
  bool has_escapes_ = false;
  bool has_escaped_letters_ = false;
  bool has_invalid_utf8_ = false;
  uint64_t repairs_ = 0;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_PARSER_STRUCTURAL_INDEX_H_
