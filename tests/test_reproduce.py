"""reproduce: what differs is said, and each transcript has its command."""

from extensions import reproduce


def test_reproduce_says_what_differs_and_goes_on(tmp_path, capsys, monkeypatch):
    reference = reproduce.ROOT / "outputs" / "reference" / "squares.txt"
    folder = tmp_path / "reproduce" / "squares"
    folder.mkdir(parents=True)
    (folder / "ended.txt").write_text("ended\n", encoding="utf-8")
    monkeypatch.setattr(reproduce.subprocess, "run", None)  # what has ended is not run again
    lines = reference.read_text(encoding="utf-8")
    for text, status in ((lines, 0), (lines.replace("728.24", "728.25"), 1), (lines + "more\n", 1)):
        (folder / "squares.txt").write_text(text, encoding="utf-8")
        assert reproduce.main(["--only", "squares", "--outputs", str(tmp_path)]) == status
    stdout = capsys.readouterr().out
    assert "squares: the same" in stdout and "728.25" in stdout and "another number of lines" in stdout


def test_reproduce_knows_every_transcript():
    transcripts = {path.stem for path in (reproduce.ROOT / "outputs" / "reference").glob("*.txt")}
    assert transcripts <= set(reproduce.COMMANDS)


def test_a_command_with_arguments_writes_a_transcript_of_the_scripts_name(tmp_path):
    name = "subtraction_seed_2"
    (tmp_path / "ended.txt").write_text("ended\n", encoding="utf-8")
    reference = (reproduce.ROOT / "outputs" / "reference" / f"{name}.txt").read_text(encoding="utf-8")
    (tmp_path / "subtraction.txt").write_text(reference, encoding="utf-8")
    assert reproduce.run(name, tmp_path) is None
