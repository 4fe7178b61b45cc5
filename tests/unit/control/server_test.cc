#include "control/server.h"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "control/client.h"
#include "control/json.h"
#include "fake/fake_operator.h"
#include "net/listening.h"
#include "net/loop.h"

namespace mailchute {
namespace {

/// The server on this thread's loop, the blocking client on another, as daemon and command are two processes.
class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    std::string name = (std::filesystem::temp_directory_path() / "mailchute-control-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    folder_ = name;
    path_ = (folder_ / "control.sock").string();
    auto listening = listen_on_path(path_, 0600);
    auto opened = ControlServer::open(loop_, std::move(listening.value()), operator_);
    server_ = std::move(opened.value());
  }
  ~ServerTest() override {
    server_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  /// Runs the loop until `client`, on a thread of its own, has returned.
  template <typename Client>
  void with_client(Client client) {
    std::thread thread([&] {
      client();
      loop_.post([this] { loop_.stop(); });
    });
    loop_.run();
    thread.join();
  }

  HttpAnswer asked(const std::string& method, const std::string& path, const std::string& body = "") {
    std::optional<Result<HttpAnswer>> answer;
    with_client([&] { answer = ask_daemon(path_, method, path, body); });
    EXPECT_TRUE(*answer) << answer->error().text;
    return answer->value_or(HttpAnswer{0, ""});
  }

  std::filesystem::path folder_;
  std::string path_;
  fake::FakeOperator operator_;
  Loop loop_;
  std::unique_ptr<ControlServer> server_;
};

TEST_F(ServerTest, AnswersAtOnceWhatIsKnownAtOnce) {
  const HttpAnswer answer = asked("GET", "/v1/status");

  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(decode_live_status(answer.body));
}

TEST_F(ServerTest, AnswersLaterWhatIsKnownLater) {
  operator_.when_operating = [this] { loop_.post([this] { operator_.operated(std::size_t{7}); }); };

  const HttpAnswer answer = asked("POST", "/v1/queue/retry", R"({"all":true})");

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(decode_count(answer.body).value_or(0), 7U);
}

TEST_F(ServerTest, TakesABodyOfManyReadsAndRefusesOneThatIsTooLarge) {
  Selection selection;
  for (std::int64_t id = 1; id <= 10'000; ++id) selection.ids.push_back(MessageId{id});
  operator_.when_operating = [this] { operator_.operated(operator_.selection.ids.size()); };
  const std::string body = encode_selection(selection);
  ASSERT_LT(body.size(), kRequestBytes);

  EXPECT_EQ(decode_count(asked("POST", "/v1/queue/retry", body).body).value_or(0), 10'000U);
  operator_.operation.reset();
  EXPECT_EQ(asked("POST", "/v1/queue/retry", std::string(kRequestBytes + 1, ' ')).status, 413);
  EXPECT_FALSE(operator_.operation.has_value());
}

TEST_F(ServerTest, SurvivesClientsThatLeaveBeforeTheAnswer) {
  std::promise<void> asked_for;
  operator_.when_operating = [&] { asked_for.set_value(); };

  with_client([&] {
    const int client = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.data(), path_.size());
    EXPECT_EQ(::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    const std::string request = "POST /v1/queue/retry HTTP/1.0\r\nContent-Length: 12\r\n\r\n{\"all\":true}";
    EXPECT_EQ(::send(client, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
    asked_for.get_future().wait();
    ::close(client);
  });
  operator_.when_operating = nullptr;
  operator_.operated(std::size_t{1});

  EXPECT_EQ(asked("GET", "/v1/status").status, 200);
}

TEST_F(ServerTest, MayBeClosedWhileAnAnswerIsOwed) {
  operator_.when_operating = [this] { loop_.defer([this] { server_.reset(); }); };
  std::optional<Result<HttpAnswer>> answer;

  with_client([&] { answer = ask_daemon(path_, "POST", "/v1/queue/retry", R"({"all":true})"); });

  EXPECT_FALSE(*answer);
  operator_.operated(std::size_t{1});
}

TEST(AskDaemon, NobodyListeningIsAStatusOfItsOwn) {
  const auto answer = ask_daemon("/nonexistent/control.sock", "GET", "/v1/status", "");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, 69);
}

}  // namespace
}  // namespace mailchute
