#include "tests/fuzz/shrink.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "tests/oracle/json_reader.h"

namespace signinwatch {
namespace {

using IsWrong = std::function<bool(std::string_view)>;
using Span = std::pair<size_t, size_t>;

constexpr size_t kDepthMax = 4096;
// Longer than any `"":1,` and the like that is left when its value has been replaced.
constexpr size_t kSmallPiece = 12;

void CollectValues(const oracle::JsonValue& value, std::vector<Span>* spans) {
  if (value.whole) spans->emplace_back(value.begin, value.end);
  for (const oracle::JsonValue& element : value.elements) CollectValues(element, spans);
  for (const oracle::JsonMember& member : value.members) CollectValues(member.value, spans);
}

bool Accept(std::string candidate, std::string* message, const IsWrong& is_wrong) {
  if (!is_wrong(candidate)) return false;
  *message = std::move(candidate);
  return true;
}

// Replaces the first value that can be, the outer ones before what is in them.
bool ReplaceValue(std::string* message, const IsWrong& is_wrong) {
  std::vector<Span> spans;
  CollectValues(oracle::ReadJson(*message, kDepthMax).root, &spans);
  for (const auto& [begin, end] : spans) {
    if (end - begin < 2) continue;
    std::string candidate = *message;
    candidate.replace(begin, end - begin, "1");
    if (Accept(std::move(candidate), message, is_wrong)) return true;
  }
  return false;
}

bool LeaveOutPieces(size_t size, std::string* message, const IsWrong& is_wrong) {
  bool smaller = false;
  for (size_t at = 0; at + size <= message->size();) {
    std::string candidate = *message;
    candidate.erase(at, size);
    if (Accept(std::move(candidate), message, is_wrong)) {
      smaller = true;
    } else {
      ++at;
    }
  }
  return smaller;
}

}  // namespace

std::string Shrink(std::string message, const IsWrong& is_wrong) {
  bool smaller = true;
  while (smaller) {
    smaller = false;
    while (ReplaceValue(&message, is_wrong)) smaller = true;
    for (size_t size = kSmallPiece; size > 0; --size) {
      smaller = LeaveOutPieces(size, &message, is_wrong) || smaller;
    }
  }
  return message;
}

}  // namespace signinwatch
