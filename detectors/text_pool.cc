#include "detectors/text_pool.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "parser/ids.h"

namespace signinwatch {
namespace {
constexpr size_t kChunkBytes = 64 << 10;
constexpr size_t kSweepBytesMin = 4 << 20;
constexpr size_t kEntryOverhead = sizeof(void*) * 3 + sizeof(TextId) * 2;
}  // namespace

TextPool::TextPool(size_t bytes_max)
    : index_(0, Hash{this}, Equal{this}), bytes_max_(bytes_max), sweep_at_(kSweepBytesMin) {
  entries_.emplace_back();  // 0: the empty text
}

TextId TextPool::InternUnknown(std::string_view text) {
  if (text.empty()) return 0;
  const Entry probe{text.data(), static_cast<uint32_t>(text.size()), false,
                    HashTextSeeded(text, seed_)};
  if (const auto found = index_.find(probe); found != index_.end()) return *found;
  if (bytes_ + text.size() > bytes_max_) {
    ++evicted_;
    return 0;
  }
  TextId id;
  if (free_.empty()) {
    id = static_cast<TextId>(entries_.size());
    entries_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  entries_[id] = {Store(text), probe.size, false, probe.hash};
  index_.insert(id);
  bytes_ += text.size() + kEntryOverhead;
  return id;
}

const char* TextPool::Store(std::string_view text) {
  if (chunk_used_ + text.size() > chunk_size_) {
    chunk_size_ = std::max(kChunkBytes, text.size());
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(chunk_size_));
    chunk_used_ = 0;
  }
  char* place = chunks_.back().get() + chunk_used_;
  std::memcpy(place, text.data(), text.size());
  chunk_used_ += text.size();
  return place;
}

void TextPool::BeginSweep() {
  for (Entry& entry : entries_) entry.marked = false;
}

void TextPool::EndSweep() {
  const std::vector<std::unique_ptr<char[]>> old_chunks = std::move(chunks_);
  chunks_.clear();
  chunk_used_ = chunk_size_ = 0;
  bytes_ = 0;
  for (TextId id = 1; id < entries_.size(); ++id) {
    Entry& entry = entries_[id];
    if (entry.data == nullptr) continue;  // free already
    if (entry.marked) {
      entry.data = Store({entry.data, entry.size});
      bytes_ += entry.size + kEntryOverhead;
    } else {
      index_.erase(id);
      entry = {};
      free_.push_back(id);
    }
  }
  // Sooner where the bound comes sooner, but never again at once.
  sweep_at_ = std::max(
      {kSweepBytesMin, bytes_ + bytes_ / 8, std::min(2 * bytes_, bytes_max_ - bytes_max_ / 16)});
}

}  // namespace signinwatch
