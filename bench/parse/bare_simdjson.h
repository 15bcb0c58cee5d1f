// What the parser is compared with: simdjson's On-Demand alone, touching the fields that detection
// needs and doing nothing with them. No check of what it skips, no fallback, no text copied.
#ifndef SIGNINWATCH_BENCH_PARSE_BARE_SIMDJSON_H_
#define SIGNINWATCH_BENCH_PARSE_BARE_SIMDJSON_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace signinwatch {

// One message after another, each read once, with a parser that keeps its memory.
class BareReader {
 public:
  // Bytes that must be readable behind each message.
  static constexpr size_t kPadding = 64;

  BareReader();
  ~BareReader();

  // As BareSimdjson has them.
  [[nodiscard]] uint64_t ByLoop(std::string_view message);
  [[nodiscard]] uint64_t ByLookUp(std::string_view message);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// One message, read again and again.
class BareSimdjson {
 public:
  explicit BareSimdjson(const std::string& message);
  ~BareSimdjson();

  // Each gives a sum over the fields it touched; 0 is an error.
  // One loop over the fields of each object.
  [[nodiscard]] uint64_t ByLoop();
  // find_field_unordered, in the order that Entra usually writes.
  [[nodiscard]] uint64_t ByLookUp();
  // The structural index and nothing else.
  [[nodiscard]] uint64_t IndexAlone();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_BENCH_PARSE_BARE_SIMDJSON_H_
