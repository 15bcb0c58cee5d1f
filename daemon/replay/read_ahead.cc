#include "daemon/replay/read_ahead.h"

#include <algorithm>
#include <string>
#include <utility>

#include "daemon/files/raw_file.h"

namespace signinwatch::replay {
namespace {

constexpr size_t kBudgetBytes = size_t{256} << 20;
constexpr size_t kBlockBytesMin = size_t{32} << 10;
constexpr size_t kBlockBytesMax = size_t{1} << 20;
constexpr size_t kGzipInputBytesMin = size_t{8} << 10;
constexpr size_t kGzipInputBytesMax = size_t{64} << 10;
constexpr size_t kBlocksAheadPerThread = 4;
// A message needs a few hundred bytes when it is parsed, however short its line was.
constexpr size_t kLineBytesTypical = 256;

}  // namespace

ReadAheadPlan::ReadAheadPlan(size_t files, int threads_wanted) : threads(threads_wanted) {
  blocks_ahead_max = files + (threads > 1 ? kBlocksAheadPerThread * threads : 0);
  block_bytes = std::clamp(kBudgetBytes / blocks_ahead_max, kBlockBytesMin, kBlockBytesMax);
  block_messages_max = block_bytes / kLineBytesTypical;
  gzip_input_bytes = std::clamp(kBudgetBytes / 4 / std::max<size_t>(files, 1), kGzipInputBytesMin,
                                kGzipInputBytesMax);
  pause_files = files > files::OpenFilesMax();
}

ReadAhead::ReadAhead(std::vector<std::unique_ptr<files::FileSource>> sources,
                     const ReadAheadPlan& plan, const ReadAheadOptions& options)
    : plan_(plan), options_(options), caller_(options.parser), files_(sources.size()) {
  for (size_t i = 0; i < sources.size(); ++i) {
    files_[i].may_wait = sources[i]->may_wait();
    files_[i].source = std::move(sources[i]);
    List(i);
  }
  for (int i = 1; i < plan_.threads; ++i) threads_.emplace_back([this] { RunWorker(); });
}

ReadAhead::~ReadAhead() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::unique_ptr<ParsedBlock> ReadAhead::Next(size_t file) {
  std::unique_lock lock(mutex_);
  wanted_ = file;
  std::deque<std::unique_ptr<Slot>>& slots = files_[file].slots;
  while (slots.empty() || !slots.front()->ready) {
    const size_t other = PickFile(/*for_caller=*/true);
    if (other != files_.size()) {
      ReadOneBlock(other, &caller_, lock);
    } else {
      ready_.wait(lock);
    }
  }
  std::unique_ptr<ParsedBlock> block = std::move(slots.front()->block);
  slots.pop_front();
  --blocks_ahead_;
  List(file);
  lock.unlock();
  work_.notify_one();
  return block;
}

void ReadAhead::Recycle(std::unique_ptr<ParsedBlock> block) {
  const std::lock_guard lock(mutex_);
  // Of the blocks that thousands of files had at once, only as many as can be used again soon.
  if (free_.size() < kBlocksAheadPerThread * plan_.threads) free_.push_back(std::move(block));
}

std::unique_ptr<ParsedBlock> ReadAhead::NewBlock() {
  if (free_.empty()) return std::make_unique<ParsedBlock>();
  std::unique_ptr<ParsedBlock> block = std::move(free_.back());
  free_.pop_back();
  return block;
}

void ReadAhead::List(size_t file) {
  File& f = files_[file];
  if (f.listed || f.ended || f.reading || plan_.threads == 1) return;
  f.listed = true;
  hungry_.push_back(file);
}

// Every file may have one block ahead; more only within the total.
bool ReadAhead::HasRoom(const File& file) const {
  if (file.ended || file.reading) return false;
  return file.slots.empty() || blocks_ahead_ + 1 < plan_.blocks_ahead_max;
}

size_t ReadAhead::PickFile(bool for_caller) {
  const File& wanted = files_[wanted_];
  if (HasRoom(wanted) && (for_caller ? wanted.slots.empty() : true)) return wanted_;
  for (size_t tries = hungry_.size(); tries > 0; --tries) {
    const size_t file = hungry_.front();
    hungry_.pop_front();
    File& f = files_[file];
    f.listed = false;
    if (!HasRoom(f)) continue;  // it is listed again when there is room
    if (!for_caller || !f.may_wait) return file;
    List(file);
  }
  return files_.size();
}

// Called and returns with the lock held; reads and parses without it.
void ReadAhead::ReadOneBlock(size_t file, Worker* worker, std::unique_lock<std::mutex>& lock) {
  File& f = files_[file];
  f.reading = true;
  f.slots.push_back(std::make_unique<Slot>());
  Slot* const slot = f.slots.back().get();
  slot->block = NewBlock();
  ++blocks_ahead_;
  lock.unlock();

  ParsedBlock& parsed = *slot->block;
  files::FileSource& source = *f.source;
  parsed.last = !source.ReadBlock(&worker->block);
  parsed.stored_bytes_read = source.stored_bytes_read();
  parsed.foreign_format = source.foreign_format();
  const char* const damage = parsed.last ? source.damage() : nullptr;
  parsed.problem = !source.status().ok() ? std::string(source.status().message())
                   : damage != nullptr   ? damage
                                         : "";
  if (plan_.pause_files) source.Pause();
  std::unique_ptr<files::FileSource> done;  // closes the file while others go on
  lock.lock();
  f.reading = false;
  f.ended = parsed.last;
  if (f.ended) done = std::move(f.source);
  List(file);
  lock.unlock();
  work_.notify_one();
  done.reset();

  parsed.Fill(worker->block, worker->parser, options_.now, options_.keep_rejected,
              options_.parser.unwrap, damage);
  lock.lock();
  slot->ready = true;
  if (file == wanted_) ready_.notify_one();
}

void ReadAhead::RunWorker() {
  Worker worker(options_.parser);
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const size_t file = PickFile(/*for_caller=*/false);
    if (file == files_.size()) {
      work_.wait(lock);
    } else {
      ReadOneBlock(file, &worker, lock);
    }
  }
}

}  // namespace signinwatch::replay
