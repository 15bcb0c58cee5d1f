// What is refused, migrated or mended when a store is opened, and what is then said.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <functional>

#include "daemon/store/sqlite/file_access.h"
#include "daemon/store/sqlite/schema.h"
#include "daemon/store/sqlite/sqlite_connection.h"
#include "daemon/store/sqlite/store_lock.h"
#include "tests/daemon/store/store_samples.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::store {
namespace store_open_test {

namespace fs = std::filesystem;
using absl::StatusCode;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

absl::Status OpenStatus(const std::string& path, bool read_only = false) {
  return OpenStore({.path = path, .read_only = read_only}).status();
}

std::unique_ptr<Connection> OpenDatabase(const std::string& path) {
  EXPECT_TRUE(CreateStoreFile(path).ok());
  auto connection = Connection::Open(path, Connection::Access::kReadWrite, 1 << 20);
  EXPECT_TRUE(connection.ok()) << connection.status();
  return *std::move(connection);
}

std::string Message(const absl::Status& status) { return std::string(status.message()); }

// ------------------------------------------------------------------------------------------- paths

TEST(StorePath, FolderMustExist) {
  const TemporaryFolder folder;
  const absl::Status s = OpenStatus(folder.Path("none/store.db"));
  EXPECT_EQ(s.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(Message(s), AllOf(HasSubstr("there is no folder " + folder.Path("none")),
                                HasSubstr("create it")));
  EXPECT_FALSE(fs::exists(folder.Path("none")));
}

TEST(StorePath, IsAFile) {
  const TemporaryFolder folder;
  fs::create_directory(folder.Path("sub"));
  const absl::Status s = OpenStatus(folder.Path("sub"));
  EXPECT_EQ(s.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(Message(s), HasSubstr("is a folder"));

  folder.Write("file", "");
  EXPECT_EQ(OpenStatus(folder.Path("file/store.db")).code(), StatusCode::kFailedPrecondition);
}

TEST(StorePath, NothingIsMadeByReading) {
  const TemporaryFolder folder;
  const absl::Status s = OpenStatus(folder.Path("store.db"), /*read_only=*/true);
  EXPECT_EQ(s.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(Message(s), HasSubstr("there is no store"));
  EXPECT_TRUE(fs::is_empty(folder.Path("")));
}

TEST(StorePath, FilesHaveOneNameByWhicheverLink) {
  const TemporaryFolder folder;
  const auto store = MustOpen({.path = folder.Path("store.db")});
  fs::create_symlink(folder.Path("store.db"), folder.Path("link.db"));
  EXPECT_EQ(OpenStatus(folder.Path("link.db")).code(), StatusCode::kFailedPrecondition);
}

TEST(StorePath, FileErrorsAreSaidAsTheHeaderHasThem) {
  EXPECT_EQ(FileError(EROFS, "p", "create").code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(FileError(ENOSPC, "p", "create").code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(FileError(ENOENT, "p", "create").code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(FileError(EIO, "p", "create").code(), StatusCode::kUnavailable);
  EXPECT_EQ(Message(FileError(EIO, "p", "create")), "p: cannot create: Input/output error");
}

// Runs `story` in a process that is nobody's in particular, for whom permissions count.
int AsNobody(const std::function<int()>& story) {
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65'534;
    if (::geteuid() == 0 && ::setresuid(kNobody, kNobody, kNobody) != 0) ::_exit(99);
    ::_exit(story());
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(StorePath, WhatIsNotOursToWriteIsDenied) {
  const TemporaryFolder folder;
  MustOpen({.path = folder.Path("store.db")}).reset();
  ASSERT_EQ(::chmod(folder.Path("store.db").c_str(), 0444), 0);
  fs::remove(folder.Path("store.db.lock"));
  ASSERT_EQ(::chmod(folder.Path("").c_str(), 0555), 0);
  // No lock and no store can be made.
  EXPECT_EQ(AsNobody([&] { return static_cast<int>(OpenStatus(folder.Path("store.db")).code()); }),
            static_cast<int>(StatusCode::kPermissionDenied));
  EXPECT_EQ(AsNobody([&] { return static_cast<int>(OpenStatus(folder.Path("new.db")).code()); }),
            static_cast<int>(StatusCode::kPermissionDenied));
  // The folder is writable, the file is not.
  ASSERT_EQ(::chmod(folder.Path("").c_str(), 0777), 0);
  EXPECT_EQ(AsNobody([&] {
              const absl::Status s = OpenStatus(folder.Path("store.db"));
              return s.message().find("read-only") == s.message().npos ? 98
                                                                       : static_cast<int>(s.code());
            }),
            static_cast<int>(StatusCode::kPermissionDenied));
}

// -------------------------------------------------------------------------------------------- lock

TEST(StoreLock, KeepsASecondOneOut) {
  const TemporaryFolder folder;
  const std::string path = folder.Path("store.db");
  auto store = MustOpen({.path = path});
  const absl::Status s = OpenStatus(path);
  EXPECT_EQ(s.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(Message(s),
              AllOf(HasSubstr("in use by process " + std::to_string(::getpid())), HasSubstr(" on "),
                    testing::ContainsRegex(" since 20[0-9-]+T[0-9:.]+Z: "),
                    HasSubstr("stop that one"), HasSubstr("store.path")));
  store.reset();
  EXPECT_TRUE(OpenStatus(path).ok());
}

// A store path that names somebody's file has a lock beside it, which may be somebody's too.
TEST(StoreLock, KeepsWhatStandsInAFileThatItDidNotMake) {
  const TemporaryFolder folder;
  const std::string path = folder.Path("store.db");
  folder.Write("store.db.lock", "precious");
  {
    const auto lock = StoreLock::Take(path);
    ASSERT_TRUE(lock.ok());
    EXPECT_FALSE(StoreLock::Take(path).ok());
  }
  EXPECT_EQ(ReadWholeFile(path + ".lock"), "precious");
}

TEST(StoreLock, FollowsNoLinkInAFolderThatOthersCanWrite) {
  const TemporaryFolder folder;
  std::filesystem::permissions(folder.Path(""), std::filesystem::perms::all);
  folder.Write("precious", "precious");
  std::filesystem::create_symlink(folder.Path("precious"), folder.Path("store.db.lock"));
  EXPECT_THAT(Message(StoreLock::Take(folder.Path("store.db")).status()), HasSubstr("a link"));
  EXPECT_EQ(ReadWholeFile(folder.Path("precious")), "precious");
  std::filesystem::create_symlink(folder.Path("precious"), folder.Path("other.db"));
  EXPECT_THAT(Message(OpenStore({.path = folder.Path("other.db")}).status()), HasSubstr("a link"));
}

TEST(StoreLock, GoesWithItsProcess) {
  const TemporaryFolder folder;
  const std::string path = folder.Path("store.db");
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = StoreLock::Take(path);
    (void)!::write(ready[1], lock.ok() ? "y" : "n", 1);
    for (;;) ::pause();
  }
  char answer = 0;
  ASSERT_EQ(::read(ready[0], &answer, 1), 1);
  EXPECT_EQ(answer, 'y');
  EXPECT_THAT(Message(OpenStatus(path)), HasSubstr("process " + std::to_string(child) + " "));
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(OpenStatus(path).ok());
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(StoreLock, SaysSoWithoutKnowingWho) {
  const TemporaryFolder folder;
  const int fd = ::open(folder.Path("store.db.lock").c_str(), O_RDWR | O_CREAT, 0600);
  auto lock = StoreLock::Take(folder.Path("store.db"));
  ASSERT_TRUE(lock.ok());
  ASSERT_EQ(::ftruncate(fd, 0), 0);
  EXPECT_THAT(Message(StoreLock::Take(folder.Path("store.db")).status()),
              HasSubstr("in use by another process"));
  ::close(fd);
}

// -----------------------------------------------------------------------------------------
// versions

constexpr const char* kOneVersion[] = {"CREATE TABLE pets(name TEXT)"};
constexpr const char* kThreeVersions[] = {
    "CREATE TABLE pets(name TEXT)",
    "ALTER TABLE pets ADD COLUMN legs INTEGER NOT NULL DEFAULT 4",
    "CREATE TABLE owners(name TEXT); INSERT INTO owners SELECT name || 's' FROM pets",
};
constexpr const char* kBrokenVersions[] = {
    "CREATE TABLE pets(name TEXT)",
    "ALTER TABLE pets ADD COLUMN legs INTEGER NOT NULL DEFAULT 4; SELECT nonsense",
};

TEST(Schema, AnOlderStoreIsMigratedAndANewerOneRefused) {
  const TemporaryFolder folder;
  const std::string path = folder.Path("pets.db");
  {
    const auto db = OpenDatabase(path);
    ASSERT_TRUE(PrepareSchema(*db, kOneVersion).ok());
    ASSERT_TRUE(db->Execute("INSERT INTO pets VALUES ('dog')").ok());
    ASSERT_TRUE(PrepareSchema(*db, kOneVersion).ok());
  }
  {
    const auto reader = Connection::Open(path, Connection::Access::kReadOnly, 1 << 20);
    ASSERT_TRUE(reader.ok());
    EXPECT_TRUE(CheckSchema(**reader, kOneVersion).ok());
    const absl::Status older = CheckSchema(**reader, kThreeVersions);
    EXPECT_EQ(older.code(), StatusCode::kFailedPrecondition);
    EXPECT_THAT(Message(older), HasSubstr("older signinwatch (version 1 of the store; this one "
                                          "knows 3)"));
  }
  const auto db = OpenDatabase(path);
  ASSERT_TRUE(PrepareSchema(*db, kThreeVersions).ok());
  EXPECT_EQ(*db->QueryText("SELECT name || legs FROM pets"), "dog4");
  EXPECT_EQ(*db->QueryText("SELECT name FROM owners"), "dogs");
  EXPECT_EQ(*db->QueryInteger("PRAGMA user_version"), 3);
  ASSERT_TRUE(PrepareSchema(*db, kThreeVersions).ok());
  EXPECT_EQ(*db->QueryInteger("SELECT COUNT(*) FROM owners"), 1);

  const absl::Status newer = PrepareSchema(*db, kOneVersion);
  EXPECT_EQ(newer.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(Message(newer), AllOf(HasSubstr(path), HasSubstr("newer signinwatch (version 3 of "
                                                               "the store; this one knows 1)")));
}

TEST(Schema, AMigrationThatFailsChangesNothing) {
  const TemporaryFolder folder;
  const auto db = OpenDatabase(folder.Path("pets.db"));
  ASSERT_TRUE(PrepareSchema(*db, kOneVersion).ok());
  EXPECT_FALSE(PrepareSchema(*db, kBrokenVersions).ok());
  EXPECT_EQ(*db->QueryInteger("PRAGMA user_version"), 1);
  EXPECT_EQ(*db->QueryInteger("SELECT COUNT(*) FROM pragma_table_info('pets')"), 1);
}

TEST(Schema, ANewerStoreIsRefusedAndLeftAlone) {
  const TemporaryFolder folder;
  const std::string path = folder.Path("store.db");
  CommitTo(*MustOpen({.path = path}), {.state = {{"k", "v"}}}).IgnoreError();
  ASSERT_TRUE(OpenDatabase(path)->Execute("PRAGMA user_version = 99").ok());
  for (const bool read_only : {false, true}) {
    const absl::Status s = OpenStatus(path, read_only);
    EXPECT_EQ(s.code(), StatusCode::kFailedPrecondition);
    EXPECT_THAT(Message(s), HasSubstr("newer signinwatch (version 99"));
  }
  const std::string newest = std::to_string(SchemaMigrations().size());
  ASSERT_TRUE(OpenDatabase(path)->Execute("PRAGMA user_version = " + newest).ok());
  EXPECT_THAT(StateOf(*MustOpen({.path = path})), ElementsAre(testing::Pair("k", "v")));
}

// A store of the first release: what people look for is made from its tickets, what was over is in
// nobody's queue.
TEST(Schema, TheFirstStoreGetsReviewsAndWords) {
  const TemporaryFolder folder;
  const std::string path = folder.Path("store.db");
  {
    const auto db = OpenDatabase(path);
    ASSERT_TRUE(PrepareSchema(*db, SchemaMigrations().first(1)).ok());
    for (const char* state : {"open", "resolved"}) {
      const std::string id = std::string("t-") + state;
      ASSERT_TRUE(
          db->Execute("INSERT INTO revisions(ticket_id, revision, severity, state, committed_at, "
                      "broker_time, json) VALUES ('" +
                      id + "', 1, 'high', '" + state +
                      "', 0, 0, '{\"event_count\":37,\"user_principal_name\":\"Ada@Contoso\","
                      "\"apps\":[{\"id\":\"app-1\",\"name\":\"Outlook\",\"count\":3}],"
                      "\"title\":\"not a name\"}')")
              .ok());
      ASSERT_TRUE(
          db->Execute("INSERT INTO tickets(ticket_id, sequence, committed_at, tenant_id, user_id, "
                      "user_name, state, cause, severity, scope, detector, first_event_time, "
                      "last_event_time) VALUES ('" +
                      id + "', last_insert_rowid(), 0, 't', '', 'ada@contoso', '" + state +
                      "', 'pending', 'high', 'user', 'd', 1, 2)")
              .ok());
    }
    ASSERT_TRUE(db->Execute("UPDATE revisions SET json = 'no JSON' WHERE state = 'x'").ok());
  }
  const std::unique_ptr<Store> store = MustOpen({.path = path});
  TicketPage page;
  ASSERT_TRUE(store->FindTickets({.needs_review = true}, &page).ok());
  EXPECT_EQ(page.total, 1u) << "the open one alone";
  ASSERT_TRUE(store->FindTickets({.words = {{"ada@c"}, {"OUTLOOK"}}}, &page).ok());
  EXPECT_EQ(page.total, 2u);
  ASSERT_TRUE(store->FindTickets({.words = {{"not a name"}}}, &page).ok());
  EXPECT_EQ(page.total, 0u);
  ASSERT_TRUE(store->FindTickets({.order = TicketOrder::kFailures, .limit = 1}, &page).ok());
  EXPECT_THAT(page.next_cursor, testing::StartsWith("failures.37."));
}

// What waited for a sink when the store was of version 4 has what sinks decide by.
TEST(Schema, WhatWaitsGetsWhatSinksDecideBy) {
  const TemporaryFolder folder;
  const std::string path = folder.Path("store.db");
  {
    const auto db = OpenDatabase(path);
    ASSERT_TRUE(PrepareSchema(*db, SchemaMigrations().first(4)).ok());
    for (const char* json : {R"({"reason":"reopened","reopened":2,"tenant_id":"T","scope":"user",)"
                             R"("parent_ticket_id":"p","continues":null})",
                             "no JSON"}) {
      const absl::Status s = db->Execute(
          std::string("INSERT INTO revisions(ticket_id, revision, severity, state, committed_at, "
                      "broker_time, json) VALUES ('t', 1, 'high', 'open', 0, 0, '") +
          json + "'); INSERT INTO outbox(sink, sequence) VALUES ('soc', last_insert_rowid())");
      ASSERT_TRUE(s.ok()) << s;
    }
    ASSERT_TRUE(db->Execute("INSERT INTO failed_deliveries(failed_at, sink, ticket_id, revision, "
                            "error) VALUES (0, 'soc', 't', 1, 'gone')")
                    .ok());
  }
  const std::unique_ptr<Store> store = MustOpen({.path = path});
  ClaimOf(*store);
  const std::vector<Delivery> deliveries = DeliveriesOf(*store, "soc");
  ASSERT_EQ(deliveries.size(), 2u);
  EXPECT_EQ(deliveries[0].reason, "reopened");
  EXPECT_EQ(deliveries[0].reopened, 2u);
  EXPECT_EQ(deliveries[0].tenant_id, "T");
  EXPECT_EQ(deliveries[0].scope, "user");
  EXPECT_EQ(deliveries[0].parent_ticket_id, "p");
  EXPECT_EQ(deliveries[0].continues, "");
  EXPECT_EQ(deliveries[0].merged_into, "");
  EXPECT_EQ(deliveries[1].reason, "");
  std::vector<FailedDelivery> failed;
  ASSERT_TRUE(store->FailedDeliveries(10, &failed).ok());
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].reason, "");
}

TEST(Schema, IsMadeAsItIsMeantToBe) {
  const TemporaryFolder folder;
  const std::string path = folder.Path("store.db");
  CommitTo(*MustOpen({.path = path}), {.state = {{"k", "v"}}}).IgnoreError();
  const auto db = OpenDatabase(path);
  EXPECT_EQ(*db->QueryText("PRAGMA journal_mode"), "wal");
  EXPECT_EQ(*db->QueryInteger("PRAGMA auto_vacuum"), 2);  // incremental
  EXPECT_EQ(*db->QueryText("SELECT value FROM meta WHERE key = 'state_version'"),
            std::to_string(kStateVersion));
}

// ------------------------------------------------------------------------------- what is no store

TEST(Damage, OtherFilesAreNoStores) {
  const TemporaryFolder folder;
  folder.Write("text.db",
               "Dear diary, today I was opened as a database. " + std::string(5'000, '!'));
  folder.Write("short.db", "x");
  ASSERT_TRUE(OpenDatabase(folder.Path("other.db"))->Execute("CREATE TABLE t(x)").ok());
  ASSERT_TRUE(OpenDatabase(folder.Path("app.db"))->Execute("PRAGMA application_id = 7").ok());
  for (const char* name : {"text.db", "short.db", "other.db", "app.db"}) {
    const std::string before = ReadWholeFile(folder.Path(name));
    for (const bool read_only : {false, true}) {
      const absl::Status s = OpenStatus(folder.Path(name), read_only);
      EXPECT_EQ(s.code(), StatusCode::kDataLoss) << name << s;
      EXPECT_THAT(Message(s), HasSubstr(std::string(name) + ": is not a signinwatch store"));
    }
    EXPECT_TRUE(ReadWholeFile(folder.Path(name)) == before) << name;
  }
  folder.Write("empty.db", "");
  EXPECT_EQ(OpenStatus(folder.Path("empty.db"), /*read_only=*/true).code(), StatusCode::kDataLoss);
  EXPECT_TRUE(OpenStatus(folder.Path("empty.db")).ok());
}

class DamagedStore : public testing::Test {
 protected:
  DamagedStore() {
    std::vector<StateRow> rows;
    for (int i = 0; i < 3'000; ++i) {
      rows.push_back({"key" + std::to_string(i), std::string(100, 'v')});
    }
    std::vector<TicketRevision> revisions;
    for (int i = 0; i < 200; ++i) {
      revisions.push_back(RevisionOf("t" + std::to_string(i), 1, {}));
      revisions.back().json.resize(3'000, 'j');
    }
    const absl::Status s =
        CommitTo(*MustOpen({.path = path_}), {.state = rows, .revisions = revisions});
    EXPECT_TRUE(s.ok()) << s;
    bytes_ = ReadWholeFile(path_);
  }

  // Opens a store that holds `bytes`, and reads all of it.
  absl::Status Look(const std::string& bytes) {
    folder_.Write("store.db", bytes);
    auto store = OpenStore({.path = path_});
    if (!store.ok()) return store.status();
    absl::Status s =
        (*store)->LoadState(ClaimOf(**store), kStateHead, [](const StateRow&) { return true; });
    if (!s.ok()) return s;
    TicketPage page;
    return (*store)->FindTickets({.limit = 1'000}, &page);
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_.Path("store.db");
  std::string bytes_;
};

constexpr size_t kPage = 2'048;

TEST_F(DamagedStore, CutOff) {
  ASSERT_TRUE(Look(bytes_).ok());
  for (const size_t size : {bytes_.size() - kPage, bytes_.size() / 2, kPage * 3, kPage + 1}) {
    const absl::Status s = Look(bytes_.substr(0, size));
    EXPECT_EQ(s.code(), StatusCode::kDataLoss) << size << s;
    EXPECT_THAT(Message(s), AllOf(HasSubstr("store.db"), HasSubstr("the store is damaged"),
                                  HasSubstr("restore it from a backup"), HasSubstr("start over")));
  }
}

// Of each page its beginning is destroyed: it is found at the latest when the page is read. Values
// have no check here: the detector's rows bring their own.
TEST_F(DamagedStore, Overwritten) {
  const size_t pages = bytes_.size() / kPage;
  size_t found = 0;
  for (size_t page = 0; page < pages; page += 13) {
    std::string damaged = bytes_;
    damaged.replace(page * kPage, 16, 16, '\x5a');
    const absl::Status s = Look(damaged);
    EXPECT_TRUE(s.ok() || s.code() == StatusCode::kDataLoss) << page << s;
    if (!s.ok()) ++found;
  }
  // But for the inner pages of the tickets' JSON and what no query came by.
  EXPECT_GT(found, pages / 13 / 4);
}

// Where the cells of a page of rows are: what counts the rows does not look at it.
TEST_F(DamagedStore, DamagedStateIsFoundWhenOpening) {
  constexpr char kLeafOfAnIndex = 0x0a;
  size_t page = kPage;
  while (page < bytes_.size() &&
         (bytes_[page] != kLeafOfAnIndex ||
          bytes_.substr(page, kPage).find("vvvvvvvv") == std::string::npos)) {
    page += kPage;
  }
  ASSERT_LT(page, bytes_.size());
  std::string damaged = bytes_;
  damaged.replace(page + 8, 2, damaged.substr(page + 10, 2));  // one row twice, one lost
  folder_.Write("store.db", damaged);
  const absl::Status s = OpenStatus(path_);
  EXPECT_EQ(s.code(), StatusCode::kDataLoss);
  EXPECT_THAT(Message(s), HasSubstr("the store is damaged"));
}

// A store's file is the same everywhere: nothing in it is of the machine that wrote it.
TEST_F(DamagedStore, ACopyIsAStore) {
  const TemporaryFolder elsewhere;
  elsewhere.Write("copy.db", bytes_);
  EXPECT_EQ(StateOf(*MustOpen({.path = elsewhere.Path("copy.db")})).size(), 3'000u);
}

}  // namespace store_open_test
}  // namespace signinwatch::store
