"""What a disk may hold after power was lost: a model of a file system.

A recording by strace gives the operations of a run. An operation is on the disk for
certain once an fsync of its file, or for names of the folder, has begun after it and has
ended. Of the others each may be there, be lost, or, for data, be there in part: any of
its sectors of 512 bytes. A part that is lost reads as before, and as zeros past the old
end. A rename is atomic. File systems keep more order than that; none may keep less."""
import os
import re
import stat

import launch

SECTOR = 512
IGNORED = {"close", "fstat", "stat", "lstat", "newfstatat", "statx", "access", "faccessat",
           "faccessat2", "statfs", "fstatfs", "fadvise64", "flock", "fcntl", "execve",
           "readlink", "readlinkat", "getcwd", "chdir", "ioctl", "sync_file_range", "read",
           "pread64", "preadv", "readv", "getdents64", "utimensat"}
LEFT_OUT = ("read,pread64,readv,preadv,getdents64,poll,futex,epoll_wait,recvmsg,sendmsg,"
            "recvfrom,sendto,sched_yield,clock_nanosleep,brk,munmap,mprotect")


def trace_words(prefix):
    """The words of strace that record for `operations_of`."""
    return ["strace", "-f", "-ff", "-y", "-xx", "-ttt", "-T", "-s", str(1 << 25),
            "-o", prefix, "-e", f"trace=!{LEFT_OUT}"]


def unescape(text):
    return bytes.fromhex(text.replace("\\x", ""))


class Operation:
    """kind: write, size, name, fsync. A name operation binds `name` to `inode`, or to
    None; a rename also frees `source`."""

    def __init__(self, call, kind, **more):
        self.kind = kind
        self.begin, self.end = call.begin, call.end
        self.inode = self.offset = self.data = self.size = None
        self.name = self.source = None
        self.__dict__.update(more)

    def __str__(self):
        what = self.name or f"file {self.inode}"
        if self.kind == "write":
            return f"{len(self.data)} bytes at {self.offset} of {what}"
        return f"{self.kind} of {what}"

    def target(self):
        """What has to be fsynced: a folder's name, or an inode's number."""
        return os.path.dirname(self.name) if self.kind == "name" else self.inode


class Disk:
    """Names and contents. Folders are names bound to "folder"."""

    def __init__(self, top):
        """The tree below `top`, all of it on the disk for certain."""
        self.top = top
        self.names, self.contents = {}, {}
        for folder, folders, files in os.walk(top):
            self.names.update({os.path.join(folder, f): "folder" for f in folders})
            for file in files:
                path = os.path.join(folder, file)
                if stat.S_ISREG(os.lstat(path).st_mode):
                    with open(path, "rb") as f:
                        self.contents[len(self.contents)] = f.read()
                        self.names[path] = len(self.contents) - 1

    def copy(self):
        other = object.__new__(Disk)
        other.top, other.names, other.contents = self.top, dict(self.names), dict(self.contents)
        return other

    def apply(self, op, kept=None):
        """\\param kept the sectors of a write that are there; None: all"""
        if op.kind == "name":
            if op.source:
                self.names.pop(op.source, None)
            if op.inode is None:
                self.names.pop(op.name, None)
            else:
                self.names[op.name] = op.inode
        elif op.kind == "size":
            old = self.contents.get(op.inode, b"")
            if not op.grow or len(old) < op.size:
                self.contents[op.inode] = old[:op.size].ljust(op.size, b"\0")
        elif op.kind == "write":
            self.write(op, kept)

    def write(self, op, kept):
        end = op.offset + len(op.data)
        content = bytearray(self.contents.get(op.inode, b"").ljust(end, b"\0"))
        sectors = sectors_of(op) if kept is None else kept
        for sector in sectors:
            lo = max(op.offset, sector * SECTOR)
            hi = min(end, (sector + 1) * SECTOR)
            content[lo:hi] = op.data[lo - op.offset:hi - op.offset]
        self.contents[op.inode] = bytes(content)

    def files(self):
        """(path, content) of all that can be reached, in order."""
        found = []
        for name, inode in sorted(self.names.items(), key=lambda item: item[0]):
            folder = os.path.dirname(name)
            if folder == self.top or self.names.get(folder) == "folder":
                found.append((name, inode if inode == "folder"
                              else self.contents.get(inode, b"")))
        return found

    def make(self, top):
        """Write it all below another folder, which must be empty."""
        for name, content in self.files():
            path = top + name[len(self.top):]
            if content == "folder":
                os.mkdir(path)
            else:
                with open(path, "wb") as file:
                    file.write(content)


def sectors_of(op):
    return range(op.offset // SECTOR, (op.offset + len(op.data) - 1) // SECTOR + 1)


class Reader:
    """Calls of a recording to operations, in the order of their ends."""

    def __init__(self, disk):
        self.now = disk.copy()  # all applied: who is named how
        self.operations = []
        self.at = {}            # (process, fd): [position, appends]
        self.next = len(disk.contents)

    def add(self, call, kind, **more):
        op = Operation(call, kind, **more)
        self.operations.append(op)
        self.now.apply(op)

    def inside(self, path):
        return path.startswith(self.now.top + "/")

    def read(self, calls):
        for call in sorted(calls, key=lambda call: call.end):
            # a string becomes "hex"; a descriptor 5<path>
            words = [(number, unescape(path).decode()) for number, path in
                     re.findall(r"\b(\d+)<((?:\\x[0-9a-f]{2})+)>", call.args)]
            texts = [unescape(text) for text in
                     re.findall(r'"((?:\\x[0-9a-f]{2})*)"', call.args)]
            paths = [text.decode(errors="replace") for text in texts] + [p for _, p in words]
            if call.value < 0 or call.name in IGNORED:
                continue
            if not any(p == self.now.top or self.inside(p) for p in paths):
                continue
            handler = getattr(self, f"on_{call.name}", None)
            assert handler, f"{call.name} is not in the model: {call.args[:200]}"
            handler(call, words, texts)
        return self.operations

    # -- names -----------------------------------------------------------------

    def on_openat(self, call, _, texts):
        path = os.path.normpath(texts[0].decode())
        if path == self.now.top or self.now.names.get(path) == "folder":
            return
        if path not in self.now.names:
            assert "O_CREAT" in call.args, call.args
            self.add(call, "name", name=path, inode=self.next)
            self.next += 1
        inode = self.now.names[path]
        if "O_TRUNC" in call.args and self.now.contents.get(inode):
            self.add(call, "size", inode=inode, size=0, grow=False)
        self.at[(call.thread, str(call.value))] = [0, "O_APPEND" in call.args]

    def on_mkdir(self, call, _, texts):
        self.add(call, "name", name=texts[0].decode(), inode="folder")

    def on_unlink(self, call, _, texts):
        self.add(call, "name", name=texts[0].decode(), inode=None)

    def on_rename(self, call, _, texts):
        source, name = (text.decode() for text in texts[:2])
        self.add(call, "name", name=name, source=source, inode=self.now.names[source])

    on_renameat2 = on_renameat = on_rename

    def on_link(self, call, _, texts):
        source, name = (text.decode() for text in texts[:2])
        self.add(call, "name", name=name, inode=self.now.names[source])

    on_linkat = on_link

    # -- contents --------------------------------------------------------------

    def on_pwrite64(self, call, words, texts):
        offset = int(re.search(r", (\d+)$", call.args)[1])
        self.add(call, "write", inode=self.now.names.get(words[0][1]), offset=offset,
                 data=texts[0][:call.value])

    def on_write(self, call, words, texts):
        number, path = words[0]
        inode = self.now.names.get(path)
        at = self.at[(call.thread, number)]
        if at[1]:
            at[0] = len(self.now.contents.get(inode, b""))
        self.add(call, "write", inode=inode, offset=at[0], data=texts[0][:call.value])
        at[0] += call.value

    def on_lseek(self, call, words, _):
        self.at[(call.thread, words[0][0])][0] = call.value

    def on_ftruncate(self, call, words, _):
        size = int(re.search(r", (\d+)$", call.args)[1])
        self.add(call, "size", inode=self.now.names.get(words[0][1]), size=size, grow=False)

    def on_fallocate(self, call, words, _):
        mode, offset, size = re.search(r", (\w+), (\d+), (\d+)$", call.args).groups()
        assert mode == "0", call.args
        self.add(call, "size", inode=self.now.names.get(words[0][1]), grow=True,
                 size=int(offset) + int(size))

    def on_mmap(self, call, *_):
        assert "MAP_SHARED" not in call.args or "PROT_WRITE" not in call.args, call.args

    def on_fsync(self, call, words, _):
        path = words[0][1]
        inode = self.now.names.get(path)
        self.add(call, "fsync", inode=path if inode == "folder" or path == self.now.top
                 else inode)

    on_fdatasync = on_fsync


def operations_of(disk, prefixes):
    """The operations of a run that began on this disk."""
    calls = [call for prefix in prefixes for call in launch.calls_of(prefix)]
    return Reader(disk).read(calls)


def pending(operations, moment):
    """The numbers of those before a moment that need not be on the disk."""
    fsyncs = [op for op in operations[:moment] if op.kind == "fsync"]
    return [i for i, op in enumerate(operations[:moment]) if op.kind != "fsync" and
            not any(f.inode == op.target() and f.begin >= op.end for f in fsyncs)]


def rebuild(disk, operations, moment, fate):
    """The disk at a moment. fate: number of an operation to "lost", or to the sectors
    that are there."""
    made = disk.copy()
    for i, op in enumerate(operations[:moment]):
        what = fate.get(i)
        if what != "lost":
            made.apply(op, what)
    return made
