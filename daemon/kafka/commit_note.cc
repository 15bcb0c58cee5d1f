#include "daemon/kafka/commit_note.h"

#include <charconv>

namespace signinwatch::kafka {
namespace {

constexpr std::string_view kBegin = "signinwatch 1 ";  // 1: of this form

// Takes the number that `text` begins with.
bool TakeNumber(std::string_view* text, uint64_t* number) {
  const char* const end = text->data() + text->size();
  const auto [at, error] = std::from_chars(text->data(), end, *number);
  if (error != std::errc()) return false;
  text->remove_prefix(static_cast<size_t>(at - text->data()));
  return true;
}

}  // namespace

std::string FormatCommitNote(const CommitNote& note) {
  if (note == CommitNote{}) return "";
  return std::string(kBegin) + std::to_string(note.log) + " " + std::to_string(note.mark);
}

CommitNote ParseCommitNote(std::string_view text) {
  if (!text.starts_with(kBegin)) return {};
  text.remove_prefix(kBegin.size());
  CommitNote note;
  if (!TakeNumber(&text, &note.log) || !text.starts_with(' ')) return {};
  text.remove_prefix(1);
  if (!TakeNumber(&text, &note.mark) || !text.empty()) return {};
  return note;
}

}  // namespace signinwatch::kafka
