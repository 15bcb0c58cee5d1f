// What only this store has: several of them on the same tables, a server that goes away, answers
// that are lost.
#include "daemon/store/postgres/postgres_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <chrono>
#include <cstdlib>
#include <thread>

#include "tests/daemon/store/postgres/cutting_proxy.h"
#include "tests/daemon/store/postgres_server.h"
#include "tests/daemon/store/store_samples.h"

namespace signinwatch::store {
namespace postgres_store_test {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kAborted = absl::StatusCode::kAborted;

StoreOptions At(const std::string& url) {
  return {.url = url, .limits = {.sinks = {"soc", "mail"}}, .clock = &clock::SystemClock()};
}

class PostgresStoreTest : public WithStore<Store, testing::Test> {
 protected:
  PostgresStoreTest() { store_ = MustOpen(At(url_)); }

  PostgresServer& server_ = PostgresServer::Shared();
  const std::string url_ = server_.NewDatabase();
};

StoreCommit Numbered(int n) {
  return {.moment = Minute(n),
          .state = {{"last", std::to_string(n)}, {"k" + std::to_string(n), "v"}},
          .positions = {{"in", 0, n, Minute(n)}},
          .revisions = {RevisionOf("t" + std::to_string(n), 1, {"soc"})}};
}

std::vector<std::string> Waiting(int first, int last) {
  std::vector<std::string> waiting;
  for (int n = first; n <= last; ++n) waiting.push_back("t" + std::to_string(n) + "#1");
  return waiting;
}

// A connection that the store knows nothing of.
class RawConnection {
 public:
  explicit RawConnection(const std::string& url)
      : connection_(PQconnectdb(url.c_str()), &PQfinish) {}
  void Do(const std::string& sql) {
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(
        PQexec(connection_.get(), sql.c_str()), &PQclear);
    const ExecStatusType status = PQresultStatus(result.get());
    EXPECT_TRUE(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        << PQerrorMessage(connection_.get());
  }

 private:
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

// ----------------------------------------------------------------------------------------- fencing

TEST_F(PostgresStoreTest, AFormerOwnerWritesNothingAnyMore) {
  const ShardClaim former = ClaimOf(*store_);
  ASSERT_TRUE(store_->Commit(former, Numbered(1)).ok());
  const auto other = MustOpen(At(url_));
  const ShardClaim claim = ClaimOf(*other);
  EXPECT_GT(claim.epoch, former.epoch);

  EXPECT_EQ(store_->Commit(former, Numbered(2)).code(), kAborted);
  EXPECT_EQ(store_->Commit(former, Numbered(2)).code(), kAborted) << "for ever";
  EXPECT_EQ(store_->LoadState(former, kStateHead, [](const StateRow&) { return true; }).code(),
            kAborted);
  std::vector<position::PartitionPosition> positions;
  EXPECT_EQ(store_->LoadPositions(former, &positions).code(), kAborted);
  EXPECT_EQ(store_->Release(former).code(), kAborted);
  EXPECT_THAT(StateOf(*other), UnorderedElementsAre(Pair("last", "1"), Pair("k1", "v")));
  EXPECT_THAT(WaitingOf(*other, "soc"), ElementsAre("t1#1"));
  EXPECT_THAT(TicketsOf(*store_), ElementsAre("t1#1")) << "all see all tickets";
  ASSERT_TRUE(other->Commit(claim, Numbered(2)).ok());
  EXPECT_THAT(WaitingOf(*other, "soc"), ElementsAre("t1#1", "t2#1"));
}

TEST_F(PostgresStoreTest, WhatIsDeliveredIsTheOwnersAffair) {
  const ShardClaim former = ClaimOf(*store_);
  ASSERT_TRUE(store_->Commit(former, Numbered(1)).ok());
  const std::vector<Delivery> deliveries = Deliveries("soc");
  ASSERT_THAT(deliveries, SizeIs(1));
  const clock::SteadyTime now{seconds(1'000)};
  const auto version = [&](clock::SteadyTime at) { return *store_->ClaimsVersion(at); };
  const uint64_t before = version(now);
  EXPECT_EQ(version(now + seconds(5)), before);

  const auto other = MustOpen(At(url_));
  ClaimOf(*other);
  EXPECT_NE(version(now + seconds(10)), before) << "seen before the next thing is sent";
  EXPECT_THAT(Deliveries("soc"), IsEmpty());
  const DeliveryOutcome outcome{deliveries[0].sequence};
  EXPECT_TRUE(store_->Acknowledge("soc", {&outcome, 1}, Minute(1)).ok());
  EXPECT_EQ(store_->NoteRemote({.sink = "soc", .ticket_id = "t1", .remote_id = "X"}).code(),
            kAborted);
  EXPECT_THAT(WaitingOf(*other, "soc"), ElementsAre("t1#1"));
  std::vector<RemoteTicket> remotes;
  ASSERT_TRUE(other->RemoteTicketsOf("t1", &remotes).ok());
  EXPECT_THAT(remotes, IsEmpty());
}

// A look at the table of claims is due, but what is written is checked in its own transaction.
TEST_F(PostgresStoreTest, WhoDoesNotKnowYetIsRefusedToo) {
  const ShardClaim former = ClaimOf(*store_);
  ASSERT_TRUE(store_->Commit(former, Numbered(1)).ok());
  const int64_t sequence = Deliveries("soc")[0].sequence;
  const auto other = MustOpen(At(url_));
  ClaimOf(*other);
  const DeliveryOutcome outcome{.sequence = sequence,
                                .remote = RemoteTicket{.sink = "soc", .ticket_id = "t1"}};
  EXPECT_TRUE(store_->Acknowledge("soc", {&outcome, 1}, Minute(1)).ok());
  EXPECT_THAT(WaitingOf(*other, "soc"), ElementsAre("t1#1"));
  EXPECT_TRUE(store_->Maintain(Minute(0) + 400 * kDay).ok());
  EXPECT_THAT(TicketsOf(*other), ElementsAre("t1#1"));
}

TEST_F(PostgresStoreTest, ShardsAreApart) {
  const auto other = MustOpen(At(url_));
  const ShardClaim three = *store_->Claim(3);
  const ShardClaim four = *other->Claim(4);
  ASSERT_TRUE(store_->Commit(three, Numbered(1)).ok());
  ASSERT_TRUE(other->Commit(four, Numbered(2)).ok());
  const auto state = [](StateStore& store, const ShardClaim& claim) {
    std::vector<std::string> keys;
    const absl::Status s = store.LoadState(claim, kStateHead, [&](const StateRow& row) {
      keys.push_back(row.key + "=" + row.value);
      return true;
    });
    EXPECT_TRUE(s.ok()) << s;
    return keys;
  };
  EXPECT_THAT(state(*store_, three), UnorderedElementsAre("last=1", "k1=v"));
  EXPECT_THAT(state(*other, four), UnorderedElementsAre("last=2", "k2=v"));
  EXPECT_THAT(WaitingOf(*store_, "soc"), ElementsAre("t1#1"));
  EXPECT_THAT(WaitingOf(*other, "soc"), ElementsAre("t2#1"));
  EXPECT_EQ(SizeOf(*store_).state_rows, 2u) << "numbers of instances add up";
  EXPECT_EQ(SizeOf(*other).tickets, 1u);
  EXPECT_THAT(TicketsOf(*other), UnorderedElementsAre("t1#1", "t2#1"));

  // A hand-over, and back: who had it before has not got it now.
  ASSERT_TRUE(store_->Release(three).ok());
  EXPECT_EQ(store_->Commit(three, Numbered(3)).code(), kAborted);
  const ShardClaim taken = *other->Claim(3);
  EXPECT_THAT(state(*other, taken), UnorderedElementsAre("last=1", "k1=v"));
  EXPECT_THAT(WaitingOf(*other, "soc"), ElementsAre("t1#1", "t2#1"));
  EXPECT_EQ(other->Claim(3)->epoch, taken.epoch) << "nobody took it meanwhile";
  EXPECT_GT(store_->Claim(3)->epoch, taken.epoch);
  EXPECT_GT(other->Claim(3)->epoch, taken.epoch + 1);
}

// Stopped in the middle of a transaction, its connection alive: SIGSTOP does just this.
TEST_F(PostgresStoreTest, AFrozenOwnerDoesNotHoldItsSuccessorUp) {
  ASSERT_TRUE(CommitTo(*store_, Numbered(1)).ok());
  const std::string owner = server_.Psql(url_, "SELECT owner FROM shards WHERE shard = 0");
  RawConnection frozen(url_ + "?application_name=signinwatch%20" +
                       owner.substr(0, owner.find('\n')));
  frozen.Do(
      "BEGIN; UPDATE shards SET commits = 2 WHERE shard = 0;"
      "UPDATE state SET value = 'never' WHERE key = 'last'");
  const auto other = MustOpen(At(url_));
  const auto begin = std::chrono::steady_clock::now();
  const auto claim = other->Claim(0);
  ASSERT_TRUE(claim.ok()) << claim.status();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(15));
  EXPECT_THAT(StateOf(*other), UnorderedElementsAre(Pair("last", "1"), Pair("k1", "v")));
  EXPECT_TRUE(other->Commit(*claim, Numbered(2)).ok());
}

// -------------------------------------------------------------------------- connections and
// answers

TEST_F(PostgresStoreTest, SessionsThatAreEndedAreMadeAnew) {
  ASSERT_TRUE(CommitTo(*store_, Numbered(1)).ok());
  for (int n = 2; n < 6; ++n) {
    server_.Psql(url_,
                 "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
                 "current_database() AND pid <> pg_backend_pid()");
    // Who was in the midst of nothing may be told once that the connection is gone.
    absl::Status s;
    for (int tries = 0; tries < 3; ++tries) {
      s = CommitTo(*store_, Numbered(n));
      if (s.ok()) break;
      EXPECT_EQ(s.code(), absl::StatusCode::kUnavailable) << s;
    }
    ASSERT_TRUE(s.ok()) << s;
  }
  std::vector<Delivery> deliveries;
  if (!store_->NextDeliveries("soc", 0, 10, &deliveries).ok()) {
    ASSERT_TRUE(store_->NextDeliveries("soc", 0, 10, &deliveries).ok());
  }
  EXPECT_THAT(WaitingOf(*store_, "soc"), Waiting(1, 5));
}

TEST_F(PostgresStoreTest, ACommitWithoutAnAnswerIsDoneOnce) {
  CuttingProxy proxy(server_.port());
  const auto store = MustOpen(At(server_.ByTcp(url_, proxy.port())));
  const ShardClaim claim = ClaimOf(*store);
  ASSERT_TRUE(store->Commit(claim, Numbered(1)).ok());
  for (int n = 2; n < 8; ++n) {
    proxy.Set(CuttingProxy::Mode::kLoseAnswers);
    absl::Status s = store->Commit(claim, Numbered(n));
    EXPECT_EQ(s.code(), absl::StatusCode::kUnavailable) << s;
    proxy.Set(CuttingProxy::Mode::kPass);
    for (int tries = 0; tries < 50 && absl::IsUnavailable(s); ++tries) {
      std::this_thread::sleep_for(milliseconds(50));
      s = store->Commit(claim, Numbered(n));
    }
    ASSERT_TRUE(s.ok()) << s;
  }
  EXPECT_GE(proxy.lost(), 6);
  EXPECT_THAT(WaitingOf(*store, "soc"), Waiting(1, 7));
  EXPECT_EQ(StateOf(*store).at("last"), "7");
  EXPECT_EQ(server_.Psql(url_, "SELECT commits FROM shards WHERE shard = 0"), "7\n");
  EXPECT_EQ(SizeOf(*store).state_rows, 8u);
  EXPECT_EQ(SizeOf(*store).revisions, 7u);
}

TEST(PostgresStore, ARestartOfTheServerLosesNothing) {
  PostgresServer server;
  const std::string url = server.NewDatabase();
  const auto store = MustOpen(At(url));
  const ShardClaim claim = ClaimOf(*store);
  for (int n = 1; n <= 3; ++n) ASSERT_TRUE(store->Commit(claim, Numbered(n)).ok());
  server.StopAtOnce();
  absl::Status s = store->Commit(claim, Numbered(4));
  EXPECT_EQ(s.code(), absl::StatusCode::kUnavailable) << s;
  EXPECT_THAT(std::string(s.message()), Not(HasSubstr("signinwatch@")));
  TicketPage page;
  EXPECT_EQ(store->FindTickets({}, &page).code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(OpenStore(At(url)).ok());
  server.Start();
  for (int tries = 0; tries < 100 && !s.ok(); ++tries) {
    std::this_thread::sleep_for(milliseconds(100));
    s = store->Commit(claim, Numbered(4));
  }
  ASSERT_TRUE(s.ok()) << s;
  EXPECT_THAT(WaitingOf(*store, "soc"), Waiting(1, 4));
  EXPECT_EQ(StateOf(*store).size(), 5u);
}

// ------------------------------------------------------------------------- servers that say no

// As an old primary after a failover: sessions stay, and can write nothing.
TEST_F(PostgresStoreTest, AServerThatIsReadOnlyIsLeft) {
  const ShardClaim claim = ClaimOf(*store_);
  ASSERT_TRUE(store_->Commit(claim, Numbered(1)).ok());
  const auto backends = [this] {
    return server_.Psql(url_,
                        "SELECT string_agg(pid::text, ',' ORDER BY pid) FROM "
                        "pg_stat_activity WHERE query = 'COMMIT'");
  };
  const std::string before = backends();
  server_.Psql(url_,
               "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE "
               "'read-only' USING ERRCODE = '25006'; END $$; CREATE TRIGGER refuse BEFORE UPDATE "
               "ON shards EXECUTE FUNCTION refuse()");
  EXPECT_EQ(store_->Commit(claim, Numbered(2)).code(), absl::StatusCode::kUnavailable);
  server_.Psql(url_, "DROP TRIGGER refuse ON shards");
  const absl::Status s = store_->Commit(claim, Numbered(2));
  EXPECT_TRUE(s.ok()) << s;
  EXPECT_NE(backends(), before) << "it looked for the new one";
  EXPECT_EQ(StateOf(*store_).at("last"), "2");
}

TEST_F(PostgresStoreTest, AFullDiskIsWaitedFor) {
  const ShardClaim claim = ClaimOf(*store_);
  server_.Psql(url_,
               "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE "
               "'could not extend file' USING ERRCODE = '53100'; END $$; CREATE TRIGGER refuse "
               "BEFORE INSERT ON revisions EXECUTE FUNCTION refuse()");
  const absl::Status full = store_->Commit(claim, Numbered(1));
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted) << full;
  EXPECT_THAT(StateOf(*store_), IsEmpty()) << "all or nothing";
  server_.Psql(url_, "DROP TRIGGER refuse ON revisions");
  EXPECT_TRUE(store_->Commit(claim, Numbered(1)).ok());
  EXPECT_THAT(WaitingOf(*store_, "soc"), ElementsAre("t1#1"));
}

TEST_F(PostgresStoreTest, TheVersionOfTheTablesIsChecked) {
  server_.Psql(url_, "UPDATE meta SET value = '9' WHERE key = 'schema_version'");
  const absl::Status newer = OpenStore(At(url_)).status();
  EXPECT_EQ(newer.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(newer.message()), HasSubstr("a newer signinwatch (version 9"));
  StoreOptions reading = At(server_.NewDatabase());
  reading.read_only = true;
  const absl::Status none = OpenStore(reading).status();
  EXPECT_EQ(none.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(none.message()), HasSubstr("there is no store"));
}

TEST_F(PostgresStoreTest, SeveralMakeTheTablesAtOnce) {
  const std::string url = server_.NewDatabase();
  std::vector<std::thread> threads;
  std::vector<absl::Status> opened(4);
  for (absl::Status& s : opened) threads.emplace_back([&] { s = OpenStore(At(url)).status(); });
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& s : opened) EXPECT_TRUE(s.ok()) << s;
}

TEST_F(PostgresStoreTest, AReaderChangesNothing) {
  ASSERT_TRUE(CommitTo(*store_, Numbered(1)).ok());
  StoreOptions reading = At(url_);
  reading.read_only = true;
  const auto reader = MustOpen(reading);
  EXPECT_THAT(TicketsOf(*reader), ElementsAre("t1#1"));
  EXPECT_THAT(DepthsOf(*reader), UnorderedElementsAre(Pair("soc", 1), Pair("mail", 0)));
  EXPECT_EQ(SizeOf(*reader).state_rows, 2u);
  constexpr auto kDenied = absl::StatusCode::kPermissionDenied;
  EXPECT_EQ(reader->Claim(0).status().code(), kDenied);
  EXPECT_EQ(reader->Review("t1", 1, "ada", Minute(1)).code(), kDenied);
  EXPECT_EQ(reader->Maintain(Minute(1)).status().code(), kDenied);
}

TEST_F(PostgresStoreTest, SaysWhyItCannot) {
  server_.Psql(url_, "DROP ROLE IF EXISTS stranger; CREATE ROLE stranger LOGIN");
  const std::string role = [&] {
    std::string url = url_;
    return url.replace(url.find("signinwatch@"), 12, "stranger@");
  }();
  const struct {
    std::string url;
    absl::StatusCode code;
    const char* text;
  } cases[] = {
      {url_ + "none", absl::StatusCode::kFailedPrecondition, "does not exist"},
      {"postgresql://nobody" + url_.substr(url_.find('@')), absl::StatusCode::kPermissionDenied,
       "nobody"},
      {server_.ByTcp(url_, 1), absl::StatusCode::kUnavailable, "refused"},
      {"postgresql://h/d?nonsense=1", absl::StatusCode::kInvalidArgument, "store.url"},
      {role.substr(0, role.rfind('/')) + "/postgres", absl::StatusCode::kPermissionDenied,
       "permission"},
  };
  for (const auto& c : cases) {
    const absl::Status s = OpenStore(At(c.url)).status();
    EXPECT_EQ(s.code(), c.code) << s;
    EXPECT_THAT(std::string(s.message()), HasSubstr(c.text));
  }
}

TEST_F(PostgresStoreTest, APasswordIsAskedForAndNeverSaid) {
  server_.Psql(url_,
               "DROP ROLE IF EXISTS guarded; CREATE ROLE guarded SUPERUSER LOGIN PASSWORD 'right'");
  StoreOptions options = At(server_.ByTcp(url_, server_.port()));
  options.url.replace(options.url.find("signinwatch@"), 12, "guarded@");
  EXPECT_EQ(OpenStore(options).status().code(), absl::StatusCode::kUnavailable) << "none is given";
  options.password = {.from = config::SecretRef::From::kEnvironment, .name = "STORE_TEST_PASSWORD"};
  ASSERT_EQ(::setenv("STORE_TEST_PASSWORD", "wrong one", 1), 0);
  const absl::Status wrong = OpenStore(options).status();
  EXPECT_EQ(wrong.code(), absl::StatusCode::kPermissionDenied) << wrong;
  EXPECT_THAT(std::string(wrong.message()), Not(HasSubstr("wrong one")));
  ASSERT_EQ(::setenv("STORE_TEST_PASSWORD", "right", 1), 0);
  EXPECT_TRUE(OpenStore(options).ok());
  ::unsetenv("STORE_TEST_PASSWORD");
  EXPECT_THAT(std::string(OpenStore(options).status().message()), HasSubstr("store.password"));
}

// --------------------------------------------------------------------------------------- odd bytes

// Whoever can write a sign-in can write these; a commit that fails for them would fail for ever.
TEST_F(PostgresStoreTest, TextsThatPostgresWouldRefuseAreTaken) {
  TicketRevision revision = RevisionOf("t1", 1, {"soc"});
  revision.ticket.user_principal_name = std::string("A\0\xff@contoso.com", 15);
  revision.ticket.tenant_id = std::string("t\0", 2);
  ASSERT_TRUE(CommitTo(*store_, {.moment = Minute(0), .revisions = {revision}}).ok());
  EXPECT_THAT(TicketsOf(*store_, {.user = revision.ticket.user_principal_name}), SizeIs(1));
  DeliveryOutcome outcome{.sequence = Deliveries("soc")[0].sequence,
                          .kind = DeliveryOutcome::Kind::kFailed};
  // Cut in the midst of a character.
  outcome.error = std::string(kDeliveryErrorBytesMax - 1, 'e') + "\xc3\xa9";
  EXPECT_TRUE(store_->Acknowledge("soc", {&outcome, 1}, Minute(1)).ok());
  EXPECT_THAT(Deliveries("soc"), IsEmpty());
}

}  // namespace postgres_store_test
}  // namespace signinwatch::store
