// Commits that are cut short: by the end of the process, and by a disk that is full. What is in the
// store is always the whole of one commit.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <functional>
#include <random>
#include <thread>

#include "daemon/store/sqlite/file_access.h"
#include "tests/daemon/store/store_samples.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::store {
namespace store_crash_test {

using testing::ElementsAre;
using testing::Pair;
using testing::UnorderedElementsAre;

// ---------------------------------------------------------------------------------------- crashes

// Commit number `n` puts n into everything, and a row and a ticket of its own.
StoreCommit NumberedCommit(int64_t n) {
  const std::string number = std::to_string(n);
  return {.moment = Minute(n),
          .state = {{"last", number}, {"of " + number, std::string(1 + n * 997 % 20'000, 'x')}},
          .positions = {{"in", 0, n, Minute(n)}},
          .revisions = {RevisionOf("t" + number, 1, {"soc"}),
                        RevisionOf("all", static_cast<uint32_t>(n), {"soc"})},
          .failures = {{Minute(0), 50132, static_cast<uint64_t>(n)}}};
}

// That the store holds commits 1 to n whole, and nothing else; n.
int64_t CheckCommits(Store& store) {
  const auto state = StateOf(store);
  const int64_t n = state.empty() ? 0 : std::stoll(state.at("last"));
  EXPECT_EQ(state.size(), n == 0 ? 0u : static_cast<size_t>(n) + 1);
  EXPECT_EQ(SizeOf(store).state_rows, state.size());
  const std::vector<position::PartitionPosition> positions = PositionsOf(store);
  EXPECT_EQ(positions.empty() ? 0 : positions.front().next_offset, n);
  const std::vector<FailureCount> failures = FailuresOf(store);
  EXPECT_EQ(failures.empty() ? 0u : failures.front().count, static_cast<uint64_t>(n));
  TicketPage page;
  EXPECT_TRUE(store.FindTickets({}, &page).ok());
  EXPECT_EQ(page.total, n == 0 ? 0u : static_cast<uint64_t>(n) + 1);
  std::vector<std::string> expected;
  for (int64_t i = 1; i <= n; ++i) {
    expected.push_back("t" + std::to_string(i) + "#1");
    expected.push_back("all#" + std::to_string(i));
  }
  EXPECT_EQ(WaitingOf(store, "soc"), expected);
  EXPECT_EQ(DepthsOf(store)["soc"], expected.size());
  return n;
}

TEST(StoreCrash, AKilledProcessLeavesWholeCommits) {
  const TemporaryFolder folder;
  const StoreOptions options{.path = folder.Path("store.db"), .limits = {.sinks = {"soc"}}};
  // The last commit that was acknowledged, told by the one to be killed.
  void* const shared = ::mmap(nullptr, sizeof(std::atomic<int64_t>), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(shared, MAP_FAILED);
  auto* const acknowledged = new (shared) std::atomic<int64_t>(0);
  std::mt19937 random(20'261'124);
  int64_t committed = 0;
  for (int round = 0; round < 30; ++round) {
    acknowledged->store(committed);
    const pid_t child = ::fork();
    if (child == 0) {
      auto store = OpenStore(options);
      if (!store.ok()) ::_exit(1);
      for (int64_t n = committed + 1; CommitTo(**store, NumberedCommit(n)).ok(); ++n) {
        acknowledged->store(n);
        if (n % 3 == 0 && !(*store)->Maintain(Minute(n)).ok()) break;
      }
      ::_exit(2);
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 60'000));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << WEXITSTATUS(status);
    const auto store = MustOpen(options);
    ASSERT_NE(store, nullptr);
    committed = CheckCommits(*store);
    ASSERT_GE(committed, acknowledged->load());
    ASSERT_LE(committed, acknowledged->load() + 1);
  }
  EXPECT_GT(committed, 0);
  ::munmap(shared, sizeof(std::atomic<int64_t>));
}

// ------------------------------------------------------------------------------------- full disks

// Fills the store until a commit fails, then makes room and tries the same one again.
void FillAndGoOn(Store& store, const std::function<void()>& make_room) {
  int64_t n = 0;
  absl::Status s;
  const auto commit = [](int64_t number) {
    StoreCommit c = NumberedCommit(number);
    for (int i = 0; i < 200; ++i) {
      c.state.push_back({"filler" + std::to_string(i), std::string(500, 'f')});
    }
    // Every commit writes its share anew.
    for (StateRow& row : c.state) {
      if (row.key.starts_with("filler")) row.value += std::to_string(number);
    }
    return c;
  };
  while (s.ok() && n < 10'000) s = CommitTo(store, commit(++n));
  EXPECT_EQ(s.code(), absl::StatusCode::kResourceExhausted) << s;
  EXPECT_THAT(std::string(s.message()), testing::HasSubstr("store.db"));
  // Again without room, and what can be read is what was committed.
  EXPECT_FALSE(CommitTo(store, commit(n)).ok());
  const auto state = StateOf(store);
  EXPECT_EQ(state.at("last"), std::to_string(n - 1));
  EXPECT_EQ(WaitingOf(store, "soc").size(), 2 * static_cast<size_t>(n - 1));

  make_room();
  s = CommitTo(store, commit(n));
  ASSERT_TRUE(s.ok()) << s;
  s = CommitTo(store, {.state = [] {
                 std::vector<StateRow> rows;
                 for (int i = 0; i < 200; ++i) rows.push_back({"filler" + std::to_string(i), ""});
                 return rows;
               }()});
  ASSERT_TRUE(s.ok()) << s;
  EXPECT_EQ(CheckCommits(store), n);
}

// A limit on the size of files stands for the disk: it fails the same writes, and needs no rights.
TEST(StoreDisk, ACommitWithoutRoomIsTriedAgain) {
  const TemporaryFolder folder;
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const StoreOptions options{.path = folder.Path("store.db"), .limits = {.sinks = {"soc"}}};
  {
    const auto store = MustOpen(options);
    ASSERT_NE(store, nullptr);
    const rlimit small{4 << 20, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    FillAndGoOn(*store, [&] { EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0); });
  }
  const auto store = MustOpen(options);
  ASSERT_NE(store, nullptr);
  EXPECT_GT(CheckCommits(*store), 1);
  EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, old_handler);
}

bool WriteText(const char* path, const std::string& text) {
  const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  const bool written =
      fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(fd);
  return written;
}

// This process alone becomes one that may mount. false: the machine does not let us.
bool EnterOwnNamespace() {
  const uid_t user = ::geteuid();
  const gid_t group = ::getegid();
  if (user == 0) return ::unshare(CLONE_NEWNS) == 0;
  // Root of a name space in which there is nobody else.
  return ::unshare(CLONE_NEWNS | CLONE_NEWUSER) == 0 && WriteText("/proc/self/setgroups", "deny") &&
         WriteText("/proc/self/uid_map", "0 " + std::to_string(user) + " 1") &&
         WriteText("/proc/self/gid_map", "0 " + std::to_string(group) + " 1");
}

bool MountSmallDisk(const std::string& folder) {
  return EnterOwnNamespace() && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("disk", folder.c_str(), "tmpfs", 0, "size=8m,mode=0777") == 0;
}

// The same on a disk that is really full; where none can be had, the test above is all there is.
// In a process of its own, with which the disk goes.
TEST(StoreDisk, ADiskIsFull) {
  const TemporaryFolder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    if (!MountSmallDisk(folder.Path(""))) ::_exit(0);
    const std::string ballast = folder.Path("ballast");
    {
      const auto store = MustOpen({.path = folder.Path("store.db"), .limits = {.sinks = {"soc"}}});
      if (store == nullptr) ::_exit(1);
      folder.Write("ballast", std::string(4 << 20, 'b'));
      FillAndGoOn(*store, [&] { std::filesystem::remove(ballast); });
    }
    // No room for a single page: it cannot even be opened, and that is said.
    folder.Write("ballast", std::string(9 << 20, 'b'));
    const absl::Status s = OpenStore({.path = folder.Path("store.db")}).status();
    EXPECT_EQ(s.code(), absl::StatusCode::kResourceExhausted) << s;
    std::filesystem::remove(ballast);
    EXPECT_GT(
        CheckCommits(*MustOpen({.path = folder.Path("store.db"), .limits = {.sinks = {"soc"}}})),
        1);
    ::_exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

}  // namespace store_crash_test
}  // namespace signinwatch::store
