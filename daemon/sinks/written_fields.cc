#include "daemon/sinks/written_fields.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/str_cat.h"

namespace signinwatch::sinks {
namespace {

// FNV-1a: stable, as it is stored.
uint64_t HashOf(std::string_view text) {
  uint64_t hash = 14695981039346656037U;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1099511628211U;
  }
  return hash;
}

std::string_view TakeLine(std::string_view* text) {
  const std::string_view line = text->substr(0, text->find('\n'));
  text->remove_prefix(std::min(line.size() + 1, text->size()));
  return line;
}

}  // namespace

// The memo, then a line "name=hash" for each value of a field.
WrittenFields WrittenFields::FromText(std::string_view text) {
  WrittenFields fields;
  fields.memo_ = TakeLine(&text);
  while (!text.empty()) {
    const std::string_view line = TakeLine(&text);
    const size_t end = line.rfind('=');
    uint64_t hash = 0;
    if (end == std::string_view::npos) continue;
    const auto [stop, error] =
        std::from_chars(line.data() + end + 1, line.data() + line.size(), hash, 16);
    if (error == std::errc()) fields.hashes_[std::string(line.substr(0, end))].push_back(hash);
  }
  return fields;
}

std::string WrittenFields::ToText() const {
  std::string text = memo_;
  for (const auto& [name, hashes] : hashes_) {
    std::string lines;
    for (const uint64_t hash : hashes) absl::StrAppend(&lines, "\n", name, "=", absl::Hex(hash));
    if (text.size() + lines.size() <= store::kRemoteMemoBytesMax) text += lines;
  }
  return text;
}

void WrittenFields::set_memo(std::string_view memo) {
  memo_ = memo.substr(0, std::min(memo.find('\n'), kMemoBytesMax));
}

void WrittenFields::MayWrite(const RemoteFields& fields, const std::set<std::string>& left) {
  for (const auto& [name, value] : fields) {
    if (left.contains(name)) continue;
    std::vector<uint64_t>& hashes = hashes_[name];
    const uint64_t hash = HashOf(value);
    if (std::find(hashes.begin(), hashes.end(), hash) != hashes.end()) continue;
    if (hashes.size() == kValuesMax) hashes.erase(hashes.begin());
    hashes.push_back(hash);
  }
}

void WrittenFields::Wrote(const RemoteFields& fields, const std::set<std::string>& left) {
  for (const auto& [name, value] : fields) {
    if (!left.contains(name)) hashes_[name] = {HashOf(value)};
  }
}

std::set<std::string> WrittenFields::ChangedIn(const RemoteFields& now) const {
  std::set<std::string> changed;
  for (const auto& [name, hashes] : hashes_) {
    const auto field = now.find(name);
    if (field == now.end()) continue;
    const bool is_ours =
        std::find(hashes.begin(), hashes.end(), HashOf(field->second)) != hashes.end();
    if (!is_ours) changed.insert(name);
  }
  return changed;
}

}  // namespace signinwatch::sinks
