// SPDX-License-Identifier: MIT
// ndkctl demo: a file goes through RDMA to another process and back.
#include "commands.hpp"
#include "demo_owner.hpp"
#include "demo_peer.hpp"
#include "leftovers.hpp"
#include "sha256.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <memory>
#include <new>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ndkctl {
namespace {

using namespace demo;

struct Options {
    std::string adapter = "rxe0";
    std::string address = "10.77.0.1";
    std::string file;
};

std::string kernel_image() {
    utsname name{};

    ::uname(&name);
    return fmt::format("/boot/vmlinuz-{}", name.release);
}

std::vector<std::byte> read_file(const std::string &path) {
    std::ifstream file(path, std::ios::binary);

    if (!file)
        throw Failure("cannot read " + path);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    if (text.size() < 2)
        throw Failure(path + " is too short to show anything");
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

/// Progress in memory that survives the fork.
class SharedProgress {
  public:
    SharedProgress() {
        void *memory = ::mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);

        if (memory == MAP_FAILED)
            throw Failure("no memory to share");
        progress_ = new (memory) Progress;
    }
    SharedProgress(const SharedProgress &) = delete;
    SharedProgress &operator=(const SharedProgress &) = delete;
    ~SharedProgress() { ::munmap(progress_, sizeof(Progress)); }

    [[nodiscard]] Progress &operator*() const noexcept { return *progress_; }

  private:
    Progress *progress_ = nullptr;
};

/// The second process, with a pipe for where to connect and one for its result.
class Child {
  public:
    Child(const Context &context, const Options &options, std::size_t size, Progress &progress) {
        int down[2];
        int up[2];

        if (::pipe2(down, O_CLOEXEC) != 0 || ::pipe2(up, O_CLOEXEC) != 0)
            throw Failure("no pipe to the peer");
        pid_ = ::fork();
        if (pid_ < 0)
            throw Failure("no second process");
        if (pid_ == 0) {
            ::close(down[1]);
            ::close(up[0]);
            live(context, options, size, progress, down[0], up[1]);
        }
        ::close(down[0]);
        ::close(up[1]);
        to_ = down[1];
        from_ = up[0];
    }
    Child(const Child &) = delete;
    Child &operator=(const Child &) = delete;
    ~Child() {
        ::close(to_);
        ::close(from_);
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
    }

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }

    void connect_to(const ndk::Address &address) {
        const auto bytes = address.bytes();

        if (::write(to_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
            throw Failure("the peer is gone");
    }

    /// Fails when the peer has ended before its time.
    void check() {
        if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) {
            pid_ = -1;
            throw Failure("the peer ended: " + result().value("error", "without a word"));
        }
    }

    /// Waits for the end of the peer and answers what it says.
    Json result() {
        std::string text;
        char buffer[512];

        for (ssize_t got = 0; (got = ::read(from_, buffer, sizeof(buffer))) > 0;)
            text.append(buffer, static_cast<std::size_t>(got));
        if (pid_ > 0)
            ::waitpid(std::exchange(pid_, -1), nullptr, 0);
        const auto answer = Json::parse(text, nullptr, false);
        return answer.is_object() ? answer : Json::object();
    }

  private:
    [[noreturn]] static void live(const Context &context, const Options &options, std::size_t size,
                                  Progress &progress, int from, int to) {
        Json answer;

        try {
            std::array<std::byte, sizeof(sockaddr_in6)> bytes{};
            const auto got = ::read(from, bytes.data(), bytes.size());

            if (got <= 0)
                ::_exit(1);
            answer = run_peer({.device = context.device,
                               .adapter = options.adapter,
                               .owner = need(ndk::Address::from_bytes(
                                   std::span(bytes).first(static_cast<std::size_t>(got)))),
                               .size = size,
                               .timeout = context.timeout},
                              progress);
        } catch (const std::exception &error) {
            answer["error"] = error.what();
        }
        const auto text = answer.dump();
        const auto written = ::write(to, text.data(), text.size());
        ::_exit(written == static_cast<ssize_t>(text.size()) && !answer.contains("error") ? 0 : 1);
    }

    pid_t pid_ = -1;
    int to_ = -1;
    int from_ = -1;
};

/// Both directions in one bar. On a terminal it moves, elsewhere it is printed
/// in steps.
class Bar {
  public:
    Bar(const Progress &progress, std::size_t size, bool quiet)
        : progress_(progress), size_(size), quiet_(quiet), moves_(::isatty(STDOUT_FILENO) == 1) {}

    void show() {
        const auto done = progress_.read + progress_.written;
        const auto percent = done * 100 / (2 * size_);
        const auto step = moves_ ? 1U : 25U;

        if (quiet_ || percent / step == shown_ / step)
            return;
        shown_ = percent;
        const auto filled = percent * width / 100;
        fmt::print("{}  {:<26}[{:#<{}}{:.<{}}] {:>3} %  {:.1f} MiB read, {:.1f} MiB written{}",
                   moves_ ? "\r" : "", "transfer", "", filled, "", width - filled, percent,
                   mebibytes(progress_.read), mebibytes(progress_.written),
                   moves_ && percent < 100 ? "" : "\n");
        std::fflush(stdout);
    }

  private:
    static constexpr std::uint64_t width = 20;
    static double mebibytes(std::uint64_t bytes) { return static_cast<double>(bytes) / (1 << 20); }

    const Progress &progress_;
    std::uint64_t size_;
    bool quiet_;
    bool moves_;
    std::uint64_t shown_ = 0;
};

class Demo {
  public:
    Demo(const Context &context, const Options &options) : context_(context), options_(options) {}

    Exit run() {
        const auto before = current_holdings();
        const auto file = read_file(options_.file);
        const SharedProgress progress;
        Bar bar(*progress, file.size(), context_.json);
        // Before anything is open: the peer must have nothing of this process.
        Child peer(context_, options_, file.size(), *progress);
        Owner owner(context_.device, options_.adapter, file, context_.timeout);
        const auto idle = [&] {
            bar.show();
            peer.check();
        };

        introduce(owner, file.size());
        peer.connect_to(owner.listen(need(ndk::Address::parse(options_.address))));
        say("processes", "{} registers the file, {} reaches it through {} only", ::getpid(),
            peer.pid(), options_.adapter);

        const auto began = std::chrono::steady_clock::now();
        owner.transfer(idle);
        bar.show();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
        out_["transfer_seconds"] = took.count();
        owner.offer_past_end(idle);
        owner.offer_stale(idle);
        const auto answer = peer.result();
        if (answer.contains("error"))
            throw Failure("the peer: " + answer["error"].get<std::string>());

        compare(sha256(file), answer.value("sha256", ""), sha256(owner.written_back()));
        refusal("one byte past the region", "past_end", answer.value("past_end", 0), true);
        refusal("after the invalidate", "stale", answer.value("stale", 0), false);
        const auto closed = owner.close_parent_first();
        out_["closed"] = closed;
        say("closed", "adapter first, then domain, queues, regions: all {} answered", closed);
        return finish(before);
    }

  private:
    template <class... Args>
    void say(std::string_view what, fmt::format_string<Args...> text, Args &&...args) const {
        if (!context_.json)
            fmt::print("  {:<26}{}\n", what, fmt::format(text, std::forward<Args>(args)...));
        std::fflush(stdout);
    }

    void introduce(Owner &owner, std::size_t size) {
        const auto &info = owner.info();

        say("adapter", "{}, NDKPI {}.{}, {}, {} pages per fast registration", options_.adapter,
            info.version.major, info.version.minor, to_string(info.rdma_technology),
            info.frmr_page_count);
        const auto region = owner.initialise();
        say("memory region", "initialised for {} pages {}; remote token {:#010x}", region.pages,
            region.pended ? "by STATUS_PENDING and a callback" : "inline", region.token);
        say("file", "{}, {} bytes", options_.file, size);
        out_["adapter"] = options_.adapter;
        out_["version"] = fmt::format("{}.{}", info.version.major, info.version.minor);
        out_["page_count"] = region.pages;
        out_["initialise_pended"] = region.pended;
        out_["file"] = options_.file;
        out_["bytes"] = size;
    }

    void compare(const std::string &file, const std::string &copy, const std::string &back) {
        say("sha256 of the file", "{}", file);
        say("sha256 read by the peer", "{}{}", copy, copy == file ? "  equal" : "  DIFFERENT");
        say("sha256 written back", "{}{}", back, back == file ? "  equal" : "  DIFFERENT");
        out_["sha256_file"] = file;
        out_["sha256_read"] = copy;
        out_["sha256_written_back"] = back;
        good_ = good_ && copy == file && back == file;
    }

    void refusal(std::string_view what, const std::string &key, std::int32_t number, bool exact) {
        const auto status = static_cast<ndk::Status>(number);
        const bool refused = exact ? status == ndk::Status::access_violation
                                   : !succeeded(status) && status != ndk::Status::cancelled;

        say(what, "{}: {}", refused ? "refused" : "NOT REFUSED AS IT MUST BE", to_string(status));
        out_["refusals"][key] = to_string(status);
        good_ = good_ && refused;
    }

    Exit finish(const Holdings &before) {
        const auto left = left_behind(before, current_holdings());

        for (const auto &line : left)
            say("LEFT BEHIND", "{}", line);
        good_ = good_ && left.empty();
        out_["left_behind"] = left;
        out_["success"] = good_;
        if (left.empty())
            say("rdma resource", "nothing left behind");
        if (context_.json)
            print_json(context_, out_);
        return good_ ? Exit::ok : report(Exit::failed, "the demonstration failed");
    }

    const Context &context_;
    const Options &options_;
    Json out_ = Json::object();
    bool good_ = true;
};

/// Says plainly what the demonstration would only stumble over.
Exit check_available(const Context &context, const Options &options) {
    const auto session = ndk::Session::open(context.device);

    if (!session)
        return report(context, session.error());
    const auto adapters = session->adapters();
    if (!adapters)
        return report(context, adapters.error());
    if (std::ranges::find(*adapters, options.adapter, &ndk::AdapterIdent::name) == adapters->end())
        return report(Exit::unavailable, fmt::format("no adapter {}; ndkctl adapter list shows "
                                                     "what there is",
                                                     options.adapter));
    return Exit::ok;
}

Exit demonstrate(const Context &context, const Options &options) {
    if (const auto available = check_available(context, options); available != Exit::ok)
        return available;
    ::signal(SIGPIPE, SIG_IGN); // a peer that is gone is found out otherwise
    try {
        return Demo(context, options).run();
    } catch (const std::exception &error) {
        return report(Exit::failed, fmt::format("demo: {}", error.what()));
    }
}

} // namespace

void add_demo(CLI::App &app, const Context &context, Exit &exit) {
    auto options = std::make_shared<Options>();
    auto *demo = app.add_subcommand(
        "demo", "A file goes through RDMA to another process and back, then refusals and closes");

    options->file = kernel_image();
    demo->add_option("--adapter", options->adapter, "RDMA device")->capture_default_str();
    demo->add_option("--address", options->address, "Its IPv4 or IPv6 address")
        ->capture_default_str();
    demo->add_option("--file", options->file, "File to transfer")->capture_default_str();
    demo->callback([&context, &exit, options] { exit = demonstrate(context, *options); });
}

} // namespace ndkctl
