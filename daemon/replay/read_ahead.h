// Reads and parses files on several threads, some blocks ahead of the fold that takes them.
//
//   ReadAhead ahead(std::move(sources), options);
//   while (...) {
//     std::unique_ptr<ParsedBlock> block = ahead.Next(file);   // in the file's order
//     ...
//     ahead.Recycle(std::move(block));
//   }
//
// What Next returns depends on the file alone, not on the number of threads. One thread means the
// caller's own; with more, the others read and parse ahead, and the caller does so too where it
// would have to wait. A block is read and parsed by the same thread, so that the bytes are still
// in its cache; the lock is taken a few times a block.
//
// Bounds: at most one block of each file, and a few more for each thread, are parsed and not yet
// taken. Files that may have to be waited for (pipes) are read in the background too, but the
// caller itself waits for none but the file it wants.
#ifndef SIGNINWATCH_DAEMON_REPLAY_READ_AHEAD_H_
#define SIGNINWATCH_DAEMON_REPLAY_READ_AHEAD_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "daemon/files/file_source.h"
#include "daemon/replay/parsed_block.h"
#include "parser/message_parser.h"

namespace signinwatch::replay {

// Sizes for `files` that are read by `threads`, within a total budget.
struct ReadAheadPlan {
  ReadAheadPlan(size_t files, int threads);

  int threads;
  size_t blocks_ahead_max;  // parsed or being parsed, of all files
  size_t block_bytes;       // of a file's text that are read at once
  size_t block_messages_max;
  size_t gzip_input_bytes;
  bool pause_files;  // more than may be open at once
};

struct ReadAheadOptions {
  ParserOptions parser;
  EventTime now;               // the reference time of `future`
  bool keep_rejected = false;  // see ParsedBlock::Fill
};

class ReadAhead {
 public:
  ReadAhead(std::vector<std::unique_ptr<files::FileSource>> sources, const ReadAheadPlan& plan,
            const ReadAheadOptions& options);
  // Waits for the other threads. If one of them may be waiting for a pipe, make its cancel_fd
  // readable before (RawFile::Open).
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  // The next block of `file`; must not be called again once it was the last.
  [[nodiscard]] std::unique_ptr<ParsedBlock> Next(size_t file);
  void Recycle(std::unique_ptr<ParsedBlock> block);

 private:
  struct Slot {
    std::unique_ptr<ParsedBlock> block;
    bool ready = false;
  };
  struct File {
    std::unique_ptr<files::FileSource> source;  // gone after its end
    std::deque<std::unique_ptr<Slot>> slots;
    bool may_wait = false;  // reading it may wait for a writer
    bool reading = false;   // some thread has the source
    bool ended = false;
    bool listed = false;  // in hungry_
  };
  struct Worker {
    explicit Worker(const ParserOptions& options) : parser(options) {}
    MessageParser parser;
    files::FileBlock block;
  };

  void RunWorker();
  void ReadOneBlock(size_t file, Worker* worker, std::unique_lock<std::mutex>& lock);
  [[nodiscard]] bool HasRoom(const File& file) const;
  // A file to read a block of; files_.size() if there is none.
  [[nodiscard]] size_t PickFile(bool for_caller);
  void List(size_t file);
  [[nodiscard]] std::unique_ptr<ParsedBlock> NewBlock();

  const ReadAheadPlan plan_;
  const ReadAheadOptions options_;
  Worker caller_;

  std::mutex mutex_;  // guards all that follows, but for the sources of files that are `reading`
  std::condition_variable work_;   // for workers: there may be something to read
  std::condition_variable ready_;  // for the caller: a block it may wait for is ready
  std::vector<File> files_;
  std::deque<size_t> hungry_;  // files that had room for a block when they were listed
  size_t wanted_ = 0;          // the file that the caller asked for last
  size_t blocks_ahead_ = 0;    // slots of all files
  bool stopping_ = false;
  std::vector<std::unique_ptr<ParsedBlock>> free_;
  std::vector<std::thread> threads_;
};

}  // namespace signinwatch::replay

#endif  // SIGNINWATCH_DAEMON_REPLAY_READ_AHEAD_H_
