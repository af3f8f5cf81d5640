//! The document's parts that are written anew; the rest of it is written by hand.

/// Puts `text` between the lines `<!-- begin NAME … -->` and `<!-- end NAME -->`.
pub fn replace(document: &str, name: &str, text: &str) -> String {
    let begin = format!("<!-- begin {name}: written by `make bench` -->\n");
    let end = format!("<!-- end {name} -->\n");
    let (before, rest) = document.split_once(&begin).expect("the line where a section begins");
    let (_, after) = rest.split_once(&end).expect("the line where a section ends");
    format!("{before}{begin}\n{}\n\n{end}{after}", text.trim())
}
